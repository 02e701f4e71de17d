"""Country names, codes and demonyms to ISO 3166-1 alpha-2 in lower case.

ISO names come from pycountry (Debian iso-codes). What it lacks stands here, with its source:
- UN: the UN terminology database's short and formal names, as the consolidated list writes them, and older ones.
- CLDR: English display names that differ from ISO's.
- Common: what exports of border systems and airlines write.
- ICAO: Doc 9303 part 3, section 5: codes of issuers that are not ISO 3166-1 alpha-3.
- Demonyms: CIA World Factbook, field Nationality (adjective and noun).
"""

from __future__ import annotations

import unicodedata
from functools import cache

import pycountry

_UN = {
    "cd": "Democratic Republic of the Congo; Zaire",
    "ir": "Iran (Islamic Republic of); Islamic Republic of Iran",
    "ps": "State of Palestine; Palestine; Palestinian Territory; Occupied Palestinian Territory",
    "tr": "Turkey",
    "hk": "China, Hong Kong Special Administrative Region; Hong Kong SAR",
    "mo": "China, Macao Special Administrative Region; Macau",
    "cf": "CAR",
    "kp": "DPRK",
    "ly": "Libyan Arab Jamahiriya",
    "sz": "Swaziland",
    "mk": "The former Yugoslav Republic of Macedonia; Macedonia",
    "mm": "Burma",
    "cv": "Cape Verde",
    "gb": "UK; Great Britain; England; Scotland; Wales; Northern Ireland",
    "us": "USA; US",
}
_CLDR = {
    "ci": "Ivory Coast; Côte d'Ivoire",
    "tl": "East Timor",
    "kr": "South Korea; Republic of Korea; Korea",
    "kp": "North Korea",
    "ru": "Russia",
    "sy": "Syria",
    "la": "Laos",
    "vn": "Vietnam; Viet Nam",
    "bn": "Brunei",
    "cz": "Czech Republic",
    "tw": "Taiwan",
    "va": "Vatican City; Holy See",
    "fm": "Micronesia",
    "md": "Moldova",
    "xk": "Kosovo",
    "ae": "Emirates; UAE",
    "cg": "Congo; Republic of the Congo; Congo-Brazzaville",
    "bo": "Bolivia",
    "ve": "Venezuela",
    "tz": "Tanzania",
    "sh": "Saint Helena",
    "gm": "The Gambia",
    "bs": "The Bahamas",
    "nl": "The Netherlands; Holland",
}
_COMMON = {
    "kr": "Korea (South); Korea, South; ROK",
    "kp": "Korea (North); Korea, North",
    "cd": "Congo (Kinshasa); DR Congo; DRC; Congo, DR; Congo, Democratic Republic of the; Congo-Kinshasa",
    "cg": "Congo (Brazzaville)",
    "mm": "Burma/Myanmar; Myanmar (Burma); Burma (Myanmar)",
    "la": "Lao PDR",
    "cn": "PR China; PRC; Mainland China",
    "ba": "Bosnia",
    "va": "Vatican",
    "tr": "Turkiye",
    "cv": "Cape Verde Islands",
    "fk": "Falkland Islands",
    "vg": "British Virgin Islands",
    "vi": "US Virgin Islands",
}
_ICAO = {
    "de": "D",
    "xk": "RKS; KS",
    "gb": "GBD; GBN; GBO; GBP; GBS",
    "un": "UNO; UNA; UNK",
    "ro": "ROM",
}
_DEMONYMS = {
    "ad": "Andorran",
    "ae": "Emirati",
    "af": "Afghan",
    "al": "Albanian",
    "am": "Armenian",
    "ao": "Angolan",
    "ar": "Argentine; Argentinian",
    "at": "Austrian",
    "au": "Australian",
    "az": "Azerbaijani",
    "ba": "Bosnian",
    "bd": "Bangladeshi",
    "be": "Belgian",
    "bf": "Burkinabe",
    "bg": "Bulgarian",
    "bh": "Bahraini",
    "bi": "Burundian",
    "bj": "Beninese",
    "bn": "Bruneian",
    "bo": "Bolivian",
    "br": "Brazilian",
    "bt": "Bhutanese",
    "bw": "Motswana; Botswanan",
    "by": "Belarusian",
    "ca": "Canadian",
    "cd": "Congolese (Kinshasa)",
    "cf": "Central African",
    "ch": "Swiss",
    "ci": "Ivorian",
    "cl": "Chilean",
    "cm": "Cameroonian",
    "cn": "Chinese",
    "co": "Colombian",
    "cr": "Costa Rican",
    "cu": "Cuban",
    "cy": "Cypriot",
    "cz": "Czech",
    "de": "German",
    "dj": "Djiboutian",
    "dk": "Danish; Dane",
    "dz": "Algerian",
    "ec": "Ecuadorian",
    "ee": "Estonian",
    "eg": "Egyptian",
    "er": "Eritrean",
    "es": "Spanish",
    "et": "Ethiopian",
    "fi": "Finnish",
    "fr": "French",
    "ga": "Gabonese",
    "gb": "British",
    "ge": "Georgian",
    "gh": "Ghanaian",
    "gm": "Gambian",
    "gn": "Guinean",
    "gr": "Greek",
    "gt": "Guatemalan",
    "hn": "Honduran",
    "hr": "Croatian",
    "ht": "Haitian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "ie": "Irish",
    "il": "Israeli",
    "in": "Indian",
    "iq": "Iraqi",
    "ir": "Iranian",
    "is": "Icelandic",
    "it": "Italian",
    "jm": "Jamaican",
    "jo": "Jordanian",
    "jp": "Japanese",
    "ke": "Kenyan",
    "kg": "Kyrgyz; Kyrgyzstani",
    "kh": "Cambodian",
    "kp": "North Korean",
    "kr": "South Korean",
    "kw": "Kuwaiti",
    "kz": "Kazakh; Kazakhstani",
    "la": "Lao; Laotian",
    "lb": "Lebanese",
    "lk": "Sri Lankan",
    "lr": "Liberian",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "ly": "Libyan",
    "ma": "Moroccan",
    "md": "Moldovan",
    "me": "Montenegrin",
    "mg": "Malagasy",
    "mk": "Macedonian",
    "ml": "Malian",
    "mm": "Burmese",
    "mn": "Mongolian",
    "mr": "Mauritanian",
    "mt": "Maltese",
    "mu": "Mauritian",
    "mv": "Maldivian",
    "mw": "Malawian",
    "mx": "Mexican",
    "my": "Malaysian",
    "mz": "Mozambican",
    "na": "Namibian",
    "ne": "Nigerien",
    "ng": "Nigerian",
    "ni": "Nicaraguan",
    "nl": "Dutch",
    "no": "Norwegian",
    "np": "Nepali; Nepalese",
    "nz": "New Zealander",
    "om": "Omani",
    "pa": "Panamanian",
    "pe": "Peruvian",
    "ph": "Filipino; Filipina; Philippine",
    "pk": "Pakistani",
    "pl": "Polish",
    "ps": "Palestinian",
    "pt": "Portuguese",
    "py": "Paraguayan",
    "qa": "Qatari",
    "ro": "Romanian",
    "rs": "Serbian",
    "ru": "Russian",
    "rw": "Rwandan",
    "sa": "Saudi; Saudi Arabian",
    "sd": "Sudanese",
    "se": "Swedish",
    "sg": "Singaporean",
    "si": "Slovenian; Slovene",
    "sk": "Slovak",
    "sl": "Sierra Leonean",
    "sn": "Senegalese",
    "so": "Somali",
    "ss": "South Sudanese",
    "sv": "Salvadoran",
    "sy": "Syrian",
    "td": "Chadian",
    "tg": "Togolese",
    "th": "Thai",
    "tj": "Tajik; Tajikistani",
    "tm": "Turkmen",
    "tn": "Tunisian",
    "tr": "Turkish",
    "tt": "Trinidadian",
    "tw": "Taiwanese",
    "tz": "Tanzanian",
    "ua": "Ukrainian",
    "ug": "Ugandan",
    "us": "American",
    "uy": "Uruguayan",
    "uz": "Uzbek; Uzbekistani",
    "ve": "Venezuelan",
    "vn": "Vietnamese",
    "ye": "Yemeni",
    "za": "South African",
    "zm": "Zambian",
    "zw": "Zimbabwean",
}


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("’", "'"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


def _loosened(folded: str) -> str:
    """Without what people write one way or the other: U.S.A. and USA, St. Lucia and Saint Lucia, & and `and`."""
    words = folded.replace(".", "").replace("&", " and ").split()
    return " ".join("saint" if word == "st" else word for word in words)


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for table in (_DEMONYMS, _COMMON, _CLDR, _UN, _ICAO):
        codes |= {_folded(name): code for code, names in table.items() for name in names.split(";")}
    for country in pycountry.countries:
        code = country.alpha_2.lower()
        names = (country.name, getattr(country, "official_name", ""), getattr(country, "common_name", ""))
        named = (*names, country.alpha_2, country.alpha_3)
        codes |= {_folded(name): code for name in named if name}
    return {_loosened(name): code for name, code in codes.items() if len(name) > 3} | codes


def country_code(name: str) -> str | None:
    """Code of a country given as a name, a code (alpha-2, alpha-3, ICAO) or a demonym; None where it is not known.

    States that are no longer (the former Soviet Union) have no code: a Place keeps them in words.
    """
    folded = _folded(name)
    return _codes().get(folded) or _codes().get(_loosened(folded))


def country_named_in(text: str) -> str | None:
    """The country that a phrase such as `Libyan passport No.` speaks of: its longest run of words that names one.

    Codes are not sought: `no` and `id` are words.
    """
    words = _folded(text).replace(",", " ").split()
    for length in range(min(5, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            phrase = " ".join(words[start : start + length])
            if (len(phrase) > 3 or phrase == "car") and (code := _codes().get(phrase)):
                return code
    return None
