"""Travellers who are on no list: names of many countries, with dates and places as a border post enters them."""

from __future__ import annotations

import random

from benchmarks.pairs.fakers import fakers
from schemas.codes import Sex
from schemas.subjects import BirthDate, Name, Subject

_LOCALES = (
    "ar_AA ar_SA ar_EG fa_IR ru_RU uk_UA bg_BG tr_TR az_AZ en_US en_GB en_IN hi_IN bn_BD ta_IN ko_KR ja_JP zh_CN zh_TW"
    " fr_FR de_DE es_ES es_MX pt_BR it_IT id_ID pl_PL ka_GE hy_AM he_IL th_TH el_GR en_NG ha_NG yo_NG en_PK uz_UZ sw"
)
_COUNTRIES = "af iq sy so ye sd ly tn eg pk bd in ru ua tr id fr de us gb kr kp cn jp br mx ng ke ir sa"


def travellers(count: int, seed: int) -> list[Subject]:
    """`count` people, seeded."""
    drawn = random.Random(seed)
    makers = fakers(_LOCALES, seed)
    found = []
    for number in range(count):
        fake = drawn.choice(makers)
        parts = [fake.first_name(), *([fake.first_name()] if drawn.random() < 0.4 else []), fake.last_name()]
        year = drawn.randint(1940, 2006)
        birth = BirthDate(year=year, month=drawn.randint(1, 12), day=drawn.randint(1, 28))
        found.append(
            Subject(
                subject_id=str(number),
                names=(Name(full=" ".join(parts)),),
                births=(birth if drawn.random() < 0.95 else BirthDate(year=year),),
                sex=drawn.choice((Sex.F, Sex.M)),
                nationalities=(drawn.choice(_COUNTRIES.split()),),
            )
        )
    return found
