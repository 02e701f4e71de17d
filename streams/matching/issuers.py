"""Who issued a document: codes of ISO 3166-1, ICAO Doc 9303 part 3 section 5 and participants, brought together."""

from __future__ import annotations

_ISO = """
    abwaw afgaf agoao aiaai alaax albal andad areae argar armam asmas ataaq atftf atgag ausau autat azeaz bdibi
    belbe benbj besbq bfabf bgdbd bgrbg bhrbh bhsbs bihba blmbl blrby blzbz bmubm bolbo brabr brbbb brnbn btnbt
    bvtbv bwabw cafcf canca cckcc chech chlcl chncn civci cmrcm codcd cogcg cokck colco comkm cpvcv cricr cubcu
    cuwcw cxrcx cymky cypcy czecz deude djidj dmadm dnkdk domdo dzadz ecuec egyeg erier esheh espes estee ethet
    finfi fjifj flkfk frafr frofo fsmfm gabga gbrgb geoge ggygg ghagh gibgi gingn glpgp gmbgm gnbgw gnqgq grcgr
    grdgd grlgl gtmgt gufgf gumgu guygy hkghk hmdhm hndhn hrvhr htiht hunhu idnid imnim indin iotio irlie irnir
    irqiq islis isril itait jamjm jeyje jorjo jpnjp kazkz kenke kgzkg khmkh kirki knakn korkr kwtkw laola lbnlb
    lbrlr lbyly lcalc lieli lkalk lsols ltult luxlu lvalv macmo mafmf marma mcomc mdamd mdgmg mdvmv mexmx mhlmh
    mkdmk mliml mltmt mmrmm mneme mngmn mnpmp mozmz mrtmr msrms mtqmq musmu mwimw mysmy mytyt namna nclnc nerne
    nfknf ngang nicni niunu nldnl norno nplnp nrunr nzlnz omnom pakpk panpa pcnpn perpe phlph plwpw pngpg polpl
    pripr prkkp prtpt prypy pseps pyfpf qatqa reure rouro rusru rwarw sausa sdnsd sensn sgpsg sgsgs shnsh sjmsj
    slbsb slesl slvsv smrsm somso spmpm srbrs ssdss stpst sursr svksk svnsi swese swzsz sxmsx sycsc syrsy tcatc
    tcdtd tgotg thath tjktj tkltk tkmtm tlstl tonto ttott tuntn turtr tuvtv twntw tzatz ugaug ukrua umium uryuy
    usaus uzbuz vatva vctvc venve vgbvg virvi vnmvn vutvu wlfwf wsmws yemye zafza zmbzm zwezw
"""
"""ISO 3166-1: alpha-3 followed by alpha-2."""

_ICAO = {
    "d": "de",
    "gbd": "gb",
    "gbn": "gb",
    "gbo": "gb",
    "gbp": "gb",
    "gbs": "gb",
    "rks": "xk",
    "ks": "xk",
    "unk": "xk",
    "uno": "un",
    "una": "un",
    "eue": "eu",
    "xpo": "xpo",
    "xba": "xba",
    "xom": "xom",
    "uk": "gb",
    "zar": "cd",
    "rom": "ro",
    "tmp": "tl",
    "tp": "tl",
}
"""Codes of ICAO Doc 9303 that are not ISO's, ISO's withdrawn ones, and what is written by mistake (uk)."""

_NOBODY = frozenset({"", "xxa", "xxb", "xxc", "xxx", "uto", "unknown", "zz", "zzz", "xx"})
"""Stateless, refugees, unspecified, specimen: these say whose document it is and not who issued it."""

_BY_CODE = {pair[:3]: pair[3:] for pair in _ISO.split()} | _ICAO


def issuer(code: str | None) -> str | None:
    """The one code of an issuer: alpha-2 where there is one, else the code in lower case; None where unknown.

    >>> issuer("D"), issuer("D<<"), issuer("BGD"), issuer("bd"), issuer("XXA")
    ('de', 'de', 'bd', 'bd', None)
    """
    if code is None:
        return None
    text = code.strip().strip("<").strip().lower()
    if text in _NOBODY:
        return None
    return _BY_CODE.get(text, text)
