"""Secrets in texts, as detect-secrets knows them by their form (https://github.com/Yelp/detect-secrets)."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from nbpromote.analysis.literals.kinds import veil as veil_known

# Those that know a secret by its form alone. The others guess (by entropy, or by words such as "password").
_DETECTORS = (
    ("aws", "AWSKeyDetector"),
    ("azure_storage_key", "AzureStorageKeyDetector"),
    ("basic_auth", "BasicAuthDetector"),
    ("cloudant", "CloudantDetector"),
    ("discord", "DiscordBotTokenDetector"),
    ("github_token", "GitHubTokenDetector"),
    ("gitlab_token", "GitLabTokenDetector"),
    ("ibm_cloud_iam", "IbmCloudIamDetector"),
    ("ibm_cos_hmac", "IbmCosHmacDetector"),
    ("jwt", "JwtTokenDetector"),
    ("mailchimp", "MailchimpDetector"),
    ("npm", "NpmDetector"),
    ("openai", "OpenAIDetector"),
    ("private_key", "PrivateKeyDetector"),
    ("pypi_token", "PypiTokenDetector"),
    ("sendgrid", "SendGridDetector"),
    ("slack", "SlackDetector"),
    ("softlayer", "SoftlayerDetector"),
    ("square_oauth", "SquareOAuthDetector"),
    ("stripe", "StripeDetector"),
    ("telegram_token", "TelegramBotTokenDetector"),
    ("twilio", "TwilioKeyDetector"),
)
# What every secret has somewhere. Importing and asking the detectors takes time, and most lines have nothing like it.
_CANDIDATE = re.compile(
    r"(?<![\w+/=-])(?=[\w+/=.:-]{0,60}\d)(?=[\w+/=.:-]{0,60}[A-Za-z])[\w+/=.:-]{20,}|PRIVATE KEY|://[^\s/:@]{1,80}:[^\s/@]{1,200}@"
)
_LONGEST_LINE = 4_000
_MOST_LINES = 5_000
_PLACEHOLDER = re.compile(r"[<{*]|x{4}|your|example|passw|secret|token|changeme|placeholder|dummy", re.I)


def find_secrets(text: str) -> tuple[tuple[str, str], ...]:
    """(kind, secret) of each secret in the text, in its order; the kind can be shown, the secret must not be."""
    found: dict[tuple[str, str], None] = {}
    for line in text.split("\n")[:_MOST_LINES]:
        if len(line) <= _LONGEST_LINE and _CANDIDATE.search(line):
            found.update(dict.fromkeys(_of_line(line)))
    return tuple(found)


def veil(text: str) -> str:
    """The text with the secrets in it made unreadable."""
    text = veil_known(text)
    for _, secret in find_secrets(text):
        # A detector may tell no more than a token's beginning.
        text = re.sub(rf"[^\s\"'`]*{re.escape(secret)}[^\s\"'`]*", "***", text)
    return text


@lru_cache(maxsize=4096)
def _of_line(line: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (detector.secret_type, secret)
        for detector in _detectors()
        for secret in _secrets(detector, line)
        if secret and not (detector.secret_type.startswith("Basic") and _PLACEHOLDER.search(secret))
    )


def _secrets(detector: Any, line: str) -> Iterator[str]:
    try:
        # Only the pattern is asked for: what detect-secrets calls verification would ask the secret's own service.
        yield from (str(secret) for secret in detector.analyze_string(line))
    except Exception:  # a detector that stumbles over a line has found nothing
        return


@cache
def _detectors() -> tuple[Any, ...]:
    from importlib import import_module

    found = []
    for module, name in _DETECTORS:
        try:
            found.append(getattr(import_module(f"detect_secrets.plugins.{module}"), name)())
        except (ImportError, AttributeError):
            # Another version may lack one; without detect-secrets, only the tool's own patterns look.
            continue
    return tuple(found)
