# ruff: noqa: RUF001 -- characters that go wrong easily are the point
"""Plausible text in five languages, drawn from a given random source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

LANGUAGES = ("en", "de", "fr", "ja", "ar")

_THINGS = {
    "en": (
        "router",
        "printer",
        "badge reader",
        "docking station",
        "mail client",
        "backup job",
        "licence server",
    ),
    "de": (
        "Router",
        "Drucker",
        "Ausweisleser",
        "Dockingstation",
        "Mailprogramm",
        "Sicherungslauf",
        "Lizenzdienst",
    ),
    "fr": (
        "routeur",
        "imprimante",
        "lecteur de badges",
        "station d’accueil",
        "messagerie",
        "serveur de licences",
    ),
    "ja": (
        "ルーター",
        "プリンター",
        "カードリーダー",
        "ドッキングステーション",
        "メールクライアント",
    ),
    "ar": ("الموجّه", "الطابعة", "قارئ البطاقات", "محطة الإرساء", "برنامج البريد"),
}
_TITLES = {
    "en": (
        "How to reset the {thing}",
        "{thing} shows error {number}",
        "Set up the {thing} for a new site",
    ),
    "de": (
        "{thing} zurücksetzen",
        "{thing} meldet Fehler {number}",
        "{thing} für Außenstellen einrichten",
    ),
    "fr": (
        "Réinitialiser : {thing}",
        "{thing} affiche l’erreur {number}",
        "Préparer « {thing} » à l’étage {number}",
    ),
    "ja": ("{thing}を初期化する方法", "{thing}のエラー{number}", "{thing}の設定手順"),
    "ar": ("إعادة ضبط {thing}", "{thing} تعرض الخطأ {number}", "تهيئة {thing}"),
}
_SENTENCES = {
    "en": (
        "Unplug the {thing} and wait {number} seconds before you plug it in again.",
        "If the {thing} still shows code {number}, note the serial number and open a ticket.",
        "Only members of the operations group may change setting {number} of the {thing}.",
        "The {thing} keeps its last {number} log lines; export them first.",
        "Firmware before {number} cannot be updated in one step.",
        "A {thing} that was moved to another floor needs a new address.",
    ),
    "de": (
        "Trennen Sie den {thing} vom Netz und warten Sie {number} Sekunden.",
        "Bleibt die Meldung {number} am {thing} stehen, prüfen Sie zuerst das Kabel.",
        "Größere Änderungen am {thing} müssen vorher angekündigt werden.",
        "Nach {number} Fehlversuchen sperrt sich der {thing} für eine Stunde.",
    ),
    "fr": (
        "Débranchez l’appareil ({thing}) pendant {number} secondes.",
        "Si le code {number} persiste, contactez l’équipe d’exploitation.",
        "Le réglage n° {number} n’est plus nécessaire depuis l’été dernier.",
        "Vérifiez que {thing} a bien été déclaré à l’accueil.",
    ),
    "ja": (
        "{thing}の電源を切り、{number}秒待ってから再び入れてください。",
        "エラー{number}が続く場合は、管理者に連絡してください。",
        "{thing}の設定は{number}ページを参照してください。",
    ),
    "ar": (
        "افصل {thing} عن الكهرباء وانتظر {number} ثانية.",
        "إذا استمر الخطأ {number} فاتصل بفريق الدعم.",
        "يحتفظ {thing} بآخر {number} سطرًا من السجل.",
    ),
}
_MARKS = (
    "",
    "",
    "",
    "",
    " 🔧",
    " ✅",
    " – naïve café",
    " (ﬁ ligature, e\u0301 combined)",
    " <b>&amp;</b> \"quoted\" 'it'",
    " back\\slash\ttab",
    " 👩‍🔧 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
)


def title(random: Random, language: str) -> str:
    """A headline, now and then with characters that go wrong easily."""
    return _filled(random, _TITLES, language) + random.choice(_MARKS)


def text(random: Random, language: str, characters: int) -> str:
    """Paragraphs with at least that many characters."""
    parts: list[str] = []
    length = 0
    while length < characters:
        parts.append(_filled(random, _SENTENCES, language))
        length += len(parts[-1]) + 1
        if len(parts) % 6 == 0:
            parts.append("\n\n")
    return " ".join(parts).replace(" \n\n ", "\n\n").strip()


def _filled(random: Random, patterns: Mapping[str, Sequence[str]], language: str) -> str:
    known = language[:2] if language[:2] in LANGUAGES else "en"
    return random.choice(patterns[known]).format(
        thing=random.choice(_THINGS[known]), number=random.randrange(10, 100)
    )
