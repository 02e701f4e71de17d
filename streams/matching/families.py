"""Spellings of one name, and names that are weakly tied (a nickname, the same name in another language).

Each line of FAMILIES is one name: its spellings, Latin or original. Two words of one family count as the same; two
words of different families are known to be different names, however alike they look (Hamid, Hamad; Ahmad, Muhammad).
Compiled from common knowledge of names, not from a list of pairs.
"""

from __future__ import annotations

FAMILIES = """
muhammad mohammad mohammed mohamed mohamad muhammed muhamad muhamed mohamet mehmet mehmed mahomed mamadou magomed mohd
 muhd mhd md mhmd mxhmd mohmd mohmad
 mukhammad mukhammed mokhammad mochammad mochamad mouhamed mouhammad mohamud محمد мухаммад
 мухаммед мохаммед мохамед магомед мохаммад মোহাম্মদ মুহাম্মদ মোহাম্মাদ মুহাম্মাদ মোঃ মো मोहम्मद मुहम्मद מוחמד מוחמט 무함마드
mahmoud mahmud mehmood mahmood mahmut mehmud mahmoued محمود махмуд মাহমুদ महमूद מחמוד
ahmad ahmed ahmet akhmad akhmed ahmat achmad ahmadou amed احمد أحمد ахмед ахмад আহমেদ আহমদ আহম্মেদ अहमद אחמד
hamid hameed hamed hamide حميد حامد хамид হামিদ हमीद
hamad hammad hamd حمد حماد
hassan hasan hasen hacen hassen hasane حسن хасан হাসান हसन חסן
hussein husayn husain hussain hossein hossain husein hosein hoseyn hussayn houssein houcine hocine husseyn hosain
 huseyin husayin حسين хусейн хусаин হোসেন হোসাইন हुसैन חוסיין חוסין
ali aly على علي علی али আলী আলি अली עלי
umar omar omer oumar omarr عمر умар омар ওমর উমর उमर עומר
uthman osman othman usman ousmane osmane uthmaan عثمان осман усман ওসমান उस्मान
yusuf youssef yousef yousuf yusef yousif youssouf yusif yussuf yousaf يوسف یوسف юсуф юсеф ইউসুফ यूसुफ יוסוף
yunus younis yunis younes yunes yonis younus يونس یونس юнус ইউনুস
abdullah abdallah abdulla abdoulaye abdellah abdalla abdulah abdolah abdollah عبدالله абдулла абдуллах আব্দুল্লাহ
 আবদুল্লাহ अब्दुल्ला עבדאללה עבדוללה
ibrahim brahim ebrahim ibraheem ibragim ibrahima ibrahem ابراهيم إبراهيم ابراهیم ибрагим ইব্রাহিম ইব্রাহীম इब्राहिम
ismail ismael esmail ismaeel ismayil esmaeil إسماعيل اسماعيل اسماعیل исмаил ইসমাইল
isa issa eesa essa عيسى عیسی иса ঈসা
musa moussa mousa mussa mousse موسى موسی муса মুসা
sulayman suleiman soleiman sulaiman suleyman souleymane soleyman sulieman sliman slimane سليمان سلیمان сулейман সোলায়মান
daud dawood dawud daoud daood davud dawod داود داوود дауд দাউদ
said saeed saed saied saiid saeid سعيد سعید саид সাঈদ סעיד
sayyid syed saiyed sayed seyed sayid sayyed seyyed saiyid سيد سید সৈয়দ सैयद
khalid khaled khaleed halid khalled خالد халид খালেদ খালিদ ख़ालिद
rahman rehman rahmane rahmaan rachman rakhman rahmon rahaman رحمن الرحمن рахман রহমান रहमान
rahim raheem rahem rakhim rahimi رحيم رحیم рахим রহিম रहीम
karim kareem kerim karem كريم کریم карим করিম करीम
jamal gamal djamel jamel djamal cemal jamaal جمال джамал জামাল जमाल
jamil jameel gamil djamil cemil جميل جمیل джамиль জামিল
mustafa moustapha mostafa mustapha moustafa mostapha مصطفى مصطفی мустафа মোস্তফা मुस्तफ़ा
salih saleh صالح салех সালেহ
salah صلاح салах
salim saleem salem سليم سلیم سالم салим সেলিম সালিম सलीम
qasim kasim kassem qassim qasem gasim ghassem kassim qassem kacem قاسم касим কাশেম
aisha ayesha aicha aysha aishah ayse عائشة عايشة আয়েশা
fatima fatema fatma fatimah fatimeh fatemeh fatimata فاطمة فاطمه фатима ফাতেমা ফাতিমা
maryam mariam meryem maryem مريم مریم марьям মরিয়ম
gaddafi qadhafi qaddafi kadhafi khadafi gadhafi qathafi gadafi القذافي قذافي
abubakr abubakar aboubakar boubaker aboubacar bubakar boubacar boubakar abubaker ابوبكر أبوبكر абубакар
chowdhury choudhury choudhuri chaudhry chaudhary chaudhuri chowdhuri chaudhari choudhary chowdhry chaudry choudhry
 চৌধুরী चौधरी چودھری چوہدری
khan khaan خان хан খান खान
hossam hussam husam حسام
nasir nasser naser nassir ناصر насер নাসির
nazir nadhir نذير نظير
mansur mansour mansoor mansor منصور мансур মনসুর
masud masood massoud masoud mesut مسعود масуд মাসুদ
rashid rasheed rachid rached rashed راشد رشيد رشید рашид রশিদ
tariq tarek tarik tareq tareque طارق тарик তারেক
zayd zaid zeid zayed زيد زید زايد
hashim hashem hachem hachim هاشم хашим হাশেম
jafar jaafar djafar jaffar gaafar cafer jafer جعفر джафар জাফর
abbas abas abbass عباس аббас আব্বাস
akbar ekber اكبر اکبر акбар আকবর
asad assad asaad أسد اسد асад আসাদ
aziz azeez عزيز عزیز азиз আজিজ
bashir basheer bachir beshir بشير بشیر башир বশির
faisal faysal feisal fayçal faycal fysal فيصل فیصل ফয়সাল
habib habeeb حبيب حبیب хабиб হাবিব
haidar haydar heydar haider hyder hayder حيدر حیدر хайдар হায়দার
hadi hady هادي هادی хади
iqbal ekbal eqbal اقبال икбал ইকবাল
majid majeed madjid magid mecit مجيد ماجد مجید মজিদ
malik malek malique مالك ملك مالک малик মালিক
nur noor nour nuur نور нур নূর নুর नूर
qadir kader qader kadir قادر кадир কাদের
rafiq rafik rafique rafeeq رفيق رفیق রফিক
sharif shareef cherif sherif charif شريف شریف шариф শরীফ
tahir taher tahar طاهر тахир তাহের
wahid waheed wahed ouahid وحيد واحد
walid waleed oualid وليد ولید валид ওয়ালিদ
yasin yassin yaseen yassine yasine ياسين یاسین ясин ইয়াসিন
yahya yahia yehia يحيى یحیی яхья ইয়াহিয়া
zakaria zakariya zakariyya zekeriya زكريا زکریا закария জাকারিয়া
begum begam بيگم بیگم বেগম बेगम
akhtar akther akter aktar اختر আক্তার आख़्तर अख़्तर
islam eslam إسلام اسلام ислам ইসলাম
rahmatullah rahmatulah rehmatullah رحمت‌الله
kim gim 김 金 ким キム
lee yi rhee li 이 리 李 ли
park pak bak 박 朴 пак
choi choe choy 최 崔 цой
jung jeong jong 정 鄭 郑
kang gang 강 姜
yoon yun 윤 尹
lim im rim 임 림 林
roh noh 노 盧
oh 오
moon mun 문
shin sin 신
seo suh 서
kwon gwon 권
hwang 황
wang 王
zhang 张 張
chen 陈 陳
liu 刘 劉
smith smyth smythe
alexander aleksandr alexandr oleksandr alexandre aleksander александр олександр αλεξανδροσ אלכסנדר
sergey sergei serguei sergiy сергей сергій
yuri yury iouri юрий юрій
dmitry dmitri dmitriy dimitri dmytro дмитрий дмитро
mikhail mihail mykhailo михаил михайло
nikolai nikolay nikolaj mykola николай микола
vladimir wladimir volodymyr владимир володимир
evgeny yevgeny evgeni evgenii yevgeniy евгений євген
andrey andrei andrej andriy андрей андрій
alexey aleksey alexei aleksei oleksiy алексей олексій
ubaydullah ubaidullah obaidullah obaydullah ubaidulla ubaydallah ubaidallah obeidullah عبيدالله عبیدالله убайдулла
 ওবায়দুল্লাহ ওবাইদুল্লাহ उबैदुल्लाह
"""

TIES = """
yusuf joseph jose josef giuseppe yosef
ibrahim abraham avraham
ismail ishmael
isa jesus
musa moses moshe moise
sulayman solomon shlomo
daud david dawit
yunus jonah jonas
ishaq isaac yitzhak
yaqub jacob yaakov
harun aaron aharon
maryam mary maria miriam marie
yahya john johannes juan jean ivan giovanni johann ioannis hans yohannes
zakaria zachary zechariah
ilyas elijah elias eliyahu ilya
dawud david
sara sarah
alexander alex sasha sacha iskandar
michael mike mikhail michel miguel michele mick mihai
william bill will billy guillermo guillaume wilhelm
robert bob rob bobby roberto
richard dick rick ricardo
james jim jimmy jamie jaime
thomas tom tommy tomas
edward ed eddie ted eduardo
charles charlie carlos karl carl
george jorge georg georges giorgos yuri
henry harry henri heinrich enrique
peter pete pedro pierre petr pyotr pietro
paul pablo pavel paolo pavlos
stephen steven steve stefan esteban etienne stepan
anthony tony antonio anton antoine
daniel dan danny
benjamin ben benny binyamin
samuel sam sammy
nicholas nick nikolai nicolas nicola
matthew matt mateo matthieu matteo
elizabeth liz beth betty elisabeth isabel lisa
catherine kate katherine cathy katya ekaterina caterina katarina
margaret maggie peggy meg margarita
susan sue susanna
patricia pat patty
jennifer jen jenny
andrew andy andrey andreas andre andrea
philip phil felipe philippe filip
frederick fred frederic friedrich
lawrence larry laurent lorenzo
christopher chris cristobal christophe
joshua josh yehoshua
timothy tim
gregory greg grigory
kenneth ken
ronald ron
donald don
"""


def _families() -> dict[str, int]:
    table: dict[str, int] = {}
    number = 0
    for line in FAMILIES.strip("\n").split("\n"):
        if not line.startswith(" "):
            number += 1
        for word in line.split():
            table.setdefault(word, number)
    return table


def _ties() -> dict[str, int]:
    table: dict[str, int] = {}
    for number, line in enumerate(TIES.strip().split("\n"), start=1):
        for word in line.split():
            table.setdefault(word, number)
    return table


_FAMILY = _families()
_TIE = _ties()


def family(word: str) -> int:
    """Number of the name that this word spells; 0 where it is none of the known ones."""
    return _FAMILY.get(word, 0)


def endings() -> frozenset[str]:
    """What is left of known spellings after each of their letters: what may complete one that was written in two."""
    return frozenset(word[at:] for word in _FAMILY for at in range(1, len(word)))


def members(number: int) -> list[str]:
    """Every spelling of a family."""
    return [word for word, found in _FAMILY.items() if found == number]


def tie(word: str) -> int:
    """Number of the group of weakly tied names that this word is in (nicknames, other languages); 0 for none."""
    return _TIE.get(word, 0)
