"""Words in names that are no names: particles, honorifics, what an organisation is."""

from __future__ import annotations


def words_of(text: str) -> frozenset[str]:
    """A set of words, written in one text."""
    return frozenset(text.split())


PARTICLES = words_of("""
    al el ul ur as ar at an bin ben bint ibn ibnu bn bte binti binte ould wuld ag ap de da do dos das di du del
    della des la le los las van von der den ter ten zu zur y e and of the i u wa бин ибн бинт оглы кызы аль эль фон
    ван де дер بن ابن بنت ال آل بنو و בן בת אבן אל ফর اول
""")
"""Words between names: they tell nobody apart."""
TITLES = words_of("""
    mr mrs ms miss dr doctor prof professor sir pope haji hajji hadji haj hajj alhaj alhaji mullah mulla molla mollah
    mawlawi maulavi maulvi moulavi mawlavi
    sheikh shaykh sheik cheikh shaikh shekh sayyidina capt captain col colonel gen
    general maj major lt brigadier qari hafiz hafez hafeez ustad ostad الشيخ شيخ الحاج حاج ملا مولوي مولوی حاجي
    حاجی قاري دكتور الدكتور мулла хаджи шейх জনাব ড ডাঃ আলহাজ্ব শ্রী श्री শেখ মোল্লা পোপ 교황
    대공 האפיפיור
""")
"""Honorifics: evidence of nothing."""
LEGAL = words_of("""
    ltd limited llc inc incorporated corp corporation co company gmbh ag sa sarl plc pvt pte llp fze est
    establishment foundation organization organisation group the of and for de la le du des al el
""")
"""What an organisation is, and not what it is called."""
LETTERS = words_of("e i u y")
"""Particles that are an initial at either end of a name."""
COMPOUND_SURNAMES = words_of("""
    남궁 황보 제갈 사공 선우 서문 독고 歐陽 欧阳 司馬 司马 諸葛 诸葛 上官 夏侯 東方 东方 皇甫 尉遲
""")
"""Family names of two syllables, of Korea and China."""
NAMES_TOO = words_of("""
    an ben do le van du di da sheikh shaykh sheik cheikh shaikh shekh শেখ molla mollah মোল্লা major
""")
"""Of these particles and honorifics many a person is called so: they stay where hardly another word would."""
