"""Names of South Asia in four scripts, for synthetic entries.

Each row is one name as its bearers write it in Latin, Bengali, Devanagari and Perso-Arabic script: usual spellings,
not machine transliterations, so that the same person in another script is the same by knowledge of the names.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from schemas.codes import Sex

_MEN_1 = """
Rahim রহিম रहीम رحیم
Karim করিম करीम کریم
Kamal কামাল कमाल کمال
Jamal জামাল जमाल جمال
Salim সেলিম सलीम سلیم
Rashid রশিদ रशीद رشید
Hasan হাসান हसन حسن
Imran ইমরান इमरान عمران
Arif আরিফ आरिफ عارف
Tariq তারিক तारिक طارق
Anwar আনোয়ার अनवर انور
Faisal ফয়সাল फैसल فیصل
Nasir নাসির नासिर ناصر
Iqbal ইকবাল इक़बाल اقبال
Ashraf আশরাফ अशरफ اشرف
Shafiq শফিক शफ़ीक़ شفیق
Habib হাবিব हबीब حبیب
Latif লতিফ लतीफ़ لطیف
"""
_WOMEN_1 = """
Fatima ফাতিমা फ़ातिमा فاطمہ
Ayesha আয়েশা आयशा عائشہ
Nasreen নাসরিন नसरीन نسرین
Shabnam শবনম शबनम شبنم
Rubina রুবিনা रुबीना روبینہ
Salma সালমা सलमा سلمیٰ
Parveen পারভীন परवीन پروین
Yasmin ইয়াসমিন यास्मीन یاسمین
"""
_FAMILIES_1 = """
Rahman রহমান रहमान رحمان
Hossain হোসেন हुसैन حسین
Ahmed আহমেদ अहमद احمد
Khan খান ख़ान خان
Chowdhury চৌধুরী चौधरी چودھری
Islam ইসলাম इस्लाम اسلام
Alam আলম आलम عالم
Malik মালিক मलिक ملک
Qureshi কুরেশি क़ुरैशी قریشی
Siddiqui সিদ্দিকী सिद्दीक़ी صدیقی
Ansari আনসারী अंसारी انصاری
Sheikh শেখ शेख़ شیخ
Mirza মির্জা मिर्ज़ा مرزا
Talukdar তালুকদার तालुकदार تعلقدار
"""
_MEN_2 = """
Rajesh রাজেশ राजेश راجیش
Suresh সুরেশ सुरेश سریش
Anil অনিল अनिल انیل
Sunil সুনীল सुनील سنیل
Vijay বিজয় विजय وجے
Deepak দীপক दीपक دیپک
Prakash প্রকাশ प्रकाश پرکاش
Bishnu বিষ্ণু विष्णु وشنو
Krishna কৃষ্ণ कृष्ण کرشن
Hari হরি हरि ہری
Ramesh রমেশ रमेश رمیش
Mohan মোহন मोहन موہن
"""
_WOMEN_2 = """
Sunita সুনিতা सुनीता سنیتا
Anita অনিতা अनीता انیتا
Kavita কবিতা कविता کویتا
Sita সীতা सीता سیتا
Laxmi লক্ষ্মী लक्ष्मी لکشمی
Gita গীতা गीता گیتا
Meena মীনা मीना مینا
Radha রাধা राधा رادھا
"""
_FAMILIES_2 = """
Sarkar সরকার सरकार سرکار
Das দাস दास داس
Roy রায় राय رائے
Sharma শর্মা शर्मा شرما
Gupta গুপ্ত गुप्ता گپتا
Singh সিং सिंह سنگھ
Kumar কুমার कुमार کمار
Yadav যাদব यादव یادو
Thapa থাপা थापा تھاپا
Gurung গুরুং गुरुंग گرونگ
Adhikari অধিকারী अधिकारी ادھیکاری
Biswas বিশ্বাস विश्वास بسواس
"""
SCRIPTS = ("Latn", "Beng", "Deva", "Arab")
OTHERS = {"bd": "Beng", "in": "Deva", "np": "Deva", "pk": "Arab", "af": "Arab"}
"""Script in which a bureau's lists give a name beside the Latin one; Devanagari for the others."""


def _table(rows: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row.split()) for row in rows.strip().splitlines())


_COMMUNITIES = (
    ({Sex.M: _table(_MEN_1), Sex.F: _table(_WOMEN_1)}, _table(_FAMILIES_1)),
    ({Sex.M: _table(_MEN_2), Sex.F: _table(_WOMEN_2)}, _table(_FAMILIES_2)),
)


@dataclass(frozen=True)
class ScriptedName:
    """One full name in every script of SCRIPTS, and how it divides."""

    given: tuple[str, ...]
    family: tuple[str, ...]

    def full(self, script: str) -> str:
        """The whole name in one script."""
        place = SCRIPTS.index(script)
        return f"{self.given[place]} {self.family[place]}"


def draw_name(random: Random, sex: Sex) -> ScriptedName:
    """Two given names and a family name of one community."""
    given, families = random.choice(_COMMUNITIES)
    first, second = random.sample(given[sex], 2)
    return ScriptedName(tuple(f"{a} {b}" for a, b in zip(first, second, strict=True)), random.choice(families))
