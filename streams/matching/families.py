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
 мухаммед мохаммед мохамед магомед мохаммад মোহাম্মদ মুহাম্মদ মোহাম্মাদ মুহাম্মাদ মোঃ মো मोहम्मद मुहम्मद מוחמד מוחמט
 무함마드
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
sulayman suleiman soleiman sulaiman suleyman souleymane soleyman sulieman sliman slimane سليمان سلیمان сулейман
 সোলায়মান
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
yusuf joseph joe joey jose pepe josef sepp giuseppe beppe yosef jozef jozsef iosif osip иосиф
ibrahim abraham abe avraham
ismail ishmael
jesus chuy
musa moses moshe moise
sulayman solomon shlomo
daud dawud david dave davey davy dawit davide
yunus jonah jonas
ishaq isaac yitzhak
yaqub jacob jake yaakov jakob jacobo jacques giacomo jakab yakov hakob yakub яков
harun aaron aharon
maryam mary maria miriam marie marija mariya masha molly мария маша
yahya john jack johnny johnnie johannes juan juanito jean ivan vanya giovanni gianni johann hans ioannis giannis yiannis
 yohannes jan janos joao ion ioan ian sean hovhannes jovan juhani jussi иван ваня
zakaria zachary zach zack zechariah
ilyas elijah elias eliyahu ilya eli илья
sara sarah sally
alexander alex sasha sacha sanya shura iskandar iskander alejandro alessandro sandro sandor alexandre aleksander
 aleksandr oleksandr alexandros aleksandar alec alistair александр саша саня шура олександр
alexandra sandra sandy alejandra aleksandra александра
michael mike mickey mikhail misha michel miguel michele mick mihai michal mihaly mikael mykhailo mikko mihail михаил
 миша
william bill billy will willie guillermo memo guillaume wilhelm willi vilmos liam guglielmo
robert bob bobby rob robbie roberto bert
richard dick rick ricky rich ricardo riccardo
james jim jimmy jamie jaime
diego santiago
thomas tom tommy tomas tomasz tommaso tamas
edward ed eddie ted teddy ned eduardo lalo edoardo eduard
charles charlie chuck carlos karl carl carlo karel karoly
george jorge georg georges giorgos yuri yura yuriy jerzy gyorgy giorgi gheorghe giorgio jurgen joerg jorgen gevorg
 girgis
 юрий юра георгий
henry harry hank henri heinrich heinz enrique kike quique enrico henrik
peter pete pedro pierre petr pyotr petya pietro piotr petro petru petros boutros pekka пётр петр петя
paul pablo pavel pasha paolo pavlos pawel pavlo boulos павел паша
stephen steven steve stefan stefano esteban etienne stepan istvan stevan степан
anthony tony antonio tonino toni anton antoine antonis антон
daniel dan danny
benjamin ben benny binyamin
samuel sam sammy
nicholas nick nicky nikolai kolya nikolay nicolas nicola nikolaus klaus claus mykola mikolaj miklos nicolae nikos
 николай коля
matthew matt mateo matthieu matteo matthias matti mathias mateusz
elizabeth liz lizzie liza beth betty betsy elisabeth isabel isabella lisa lisbeth elzbieta erzsebet elizaveta yelizaveta
 елизавета лиза
catherine kate kathy katherine katharine kathleen cathy katya ekaterina yekaterina kateryna caterina catalina katarina
 katarzyna kasia katalin katie екатерина катя
margaret maggie peggy meg madge margarita margarete grete greta rita malgorzata gosia marguerite
susan sue susie susanna suzanne susana
patricia pat patty tricia
patrick paddy patricio
jennifer jen jenny
andrew andy drew andrey andrei andreas andre andres andrzej andras андрей
philip phil felipe philippe filip filippo
frederick fred freddie frederic friedrich fritz federico fryderyk
lawrence larry laurent lorenzo renzo
christopher chris cristobal christophe krzysztof kit
joshua josh yehoshua
timothy tim timofey
gregory greg grigory grisha gregorio grigor hryhoriy григорий гриша
kenneth ken kenny
ronald ron ronnie
donald don donnie
victoria vicky vicki vika tori виктория вика
victor viktor vitya vittorio виктор витя
deborah debbie debra deb
pamela pam
stephanie steph stefanie estefania
barbara barb babs basia
rebecca becky
jacqueline jackie
jeffrey jeff geoffrey geoff
judith judy
leonard leo len lenny leonardo
leonid lyonya леонид лёня
louis lou luis luigi ludwig lajos
mark marcus marco marc marcos markus
nathaniel nathan nate
raymond ray raimundo
theodore theo teodoro fyodor fedor fedya фёдор федор федя
theresa teresa terry tess tessa
vincent vince vincenzo enzo vicente
amanda mandy
caroline carol carrie carolina
christina tina christine kristina cristina
cynthia cindy
douglas doug
eugene gene eugenio evgeny evgeni yevgeny yevgeni zhenya eugen evgeniy евгений женя
gabriel gabe gavriel gavrilo
ignatius ignacio nacho ignaz
julia julie yulia iulia giulia yuliya юлия юля
lucas luke luca lukas luc lukasz
emmanuel manuel manolo manny emanuel
rafael rafa raphael raffaele
dominic domenico mimmo domingo dominik dominique
salvador salvatore chava
francis frank frankie francisco paco pancho francesco francois franz ferenc frantisek franciszek
albert alberto beto bertie
alfred alfredo alf
gerald gerry jerry geraldo
valentine valentin
vladimir vova volodya volodymyr владимир вова володя володимир
dmitry dima mitya dmitri dmitriy dmytro dimitri dimitris димитрий дмитрий дима митя
sergey sergei seryozha serezha sergio serge serhiy сергей серёжа сережа
alexey aleksey alexei lyosha alyosha lesha alexis oleksiy алексей лёша леша алёша
konstantin kostya kostas constantin constantine константин костя
vasily vasya vasil vasile vasyl vasilis basil василий вася
boris borya борис боря
gennady gena геннадий гена
anatoly tolya anatole анатолий толя
valery valera valeriy валерий валера
vyacheslav slava вячеслав слава
stanislav stas stanislaw staszek stanislas станислав стас
maxim max maks maxime maksim максим макс
roman roma роман рома
natalia natasha natalya nataliya natalie наталья наталия наташа
anastasia nastya anastasiya анастасия настя
tatiana tanya tatyana татьяна таня
olga olya ольга оля
helen elena lena yelena olena helena helene eleni елена лена
svetlana sveta светлана света
irina ira iryna irene ирина ира
anna anya ann anne annie анна аня
lyudmila lyuda ludmila людмила люда
galina galya halyna галина галя
nadezhda nadya надежда надя
daria dasha darya дарья даша
sofia sonya sophie sophia sofiya софия софья соня
ladislav laszlo ladislaus
vladislav vlad владислав влад
adalbert wojciech wojtek vojtech
guadalupe lupe lupita
dolores lola
mercedes merche
rosario charo
ulrich uli
rudolf rudi rudy rodolfo
wolfgang wolf
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
    number = 0
    for line in TIES.strip("\n").split("\n"):
        number += not line.startswith(" ")
        for word in line.split():
            table.setdefault(word, number)
    # What ties one spelling of a name ties all.
    tied = {_FAMILY[word]: number for word, number in table.items() if word in _FAMILY}
    for word, name in _FAMILY.items():
        if name in tied:
            table.setdefault(word, tied[name])
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
