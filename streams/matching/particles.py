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
JOINED = words_of("de da do dos das di du del della des la le los las van von der den ter ten zu zur")
"""Of these those that are also written as one with the name after them (De la Cruz, Delacruz; van der Berg,
Vanderberg)."""
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
SURNAMES = words_of("""
    김 이 리 박 최 정 강 조 윤 장 임 림 한 오 서 신 권 황 안 송 전 홍 유 류 고 문 양 손 배 백
    허 남 심 노 로 하 곽 성 차 주 우 구 민 진 나 라 지 엄 채 원 천 방 공 현 함 변 염 여 추 도
    소 석 선 설 마 길 연 위 표 명 기 반 왕 금 옥 육 인 맹 제 모 탁 국 어 은 王 李 张 張 刘 劉
    陈 陳 杨 楊 黄 黃 赵 趙 吴 吳 周 徐 孙 孫 马 馬 朱 胡 郭 何 高 林 罗 羅 郑 鄭 梁 谢 謝 宋
    唐 许 許 韩 韓 冯 馮 邓 鄧 曹 彭 曾 肖 蕭 田 董 袁 潘 于 蒋 蔣 蔡 余 杜 叶 葉 程 苏 蘇 魏
    吕 呂 丁 任 沈 姚 卢 盧 姜 崔 钟 鍾 谭 譚 陆 陸 汪 范 金 石 廖 贾 賈 夏 韦 韋 付 方 白 邹
    鄒 孟 熊 秦 邱 江 尹 薛 闫 閻 段 雷 侯 龙 龍 史 陶 黎 贺 賀 顾 顧 毛 郝 龚 龔 邵 万 萬 钱
    錢 严 嚴 覃 武 戴 莫 孔 向 汤 湯 朴 裴 南 权 權 安 洪 柳
""")
"""Family names of one syllable: of Korea (census of 2015) and China (the hundred commonest)."""
NAMES_TOO = words_of("""
    an ben do le van du di da sheikh shaykh sheik cheikh shaikh shekh শেখ molla mollah মোল্লা major
""")
"""Of these particles and honorifics many a person is called so: they stay where hardly another word would."""
