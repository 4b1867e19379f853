"""Names of KMS keys."""

import pytest

from yamlvault import Keyring
from yamlvault.errors import KEKError
from yamlvault.kek import kek_of
from yamlvault.kek.aws.key_name import parse

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
MULTI = "mrk-1234abcd12ab34cd56ef1234567890ab"
PLACE = "arn:aws:kms:eu-west-1:111122223333:"


@pytest.mark.parametrize(
    ("text", "region", "resource"),
    [
        (f"{PLACE}key/{ID}", "eu-west-1", f"key/{ID}"),
        (f"{PLACE}key/{MULTI}", "eu-west-1", f"key/{MULTI}"),
        (f"{PLACE}alias/shop/prod_1", "eu-west-1", "alias/shop/prod_1"),
        (f"arn:aws-cn:kms:cn-north-1:111122223333:key/{ID}", "cn-north-1", f"key/{ID}"),
        (f"arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/{ID}", "us-gov-west-1", f"key/{ID}"),
        (f"arn:aws-iso-b:kms:us-isob-east-1:111122223333:key/{ID}", "us-isob-east-1", f"key/{ID}"),
        (ID, "", f"key/{ID}"),
        (MULTI, "", f"key/{MULTI}"),
        (f"mrk-{ID}", "", f"key/mrk-{ID}"),  # as emulators make them
        ("alias/shop", "", "alias/shop"),
    ],
)
def test_names(text, region, resource):
    """A key is named by its ARN, an alias's ARN, its id, or an alias."""
    name = parse(text)
    assert (name.text, name.region, name.resource) == (text, region, resource)
    assert name.is_key_arn == (bool(region) and resource.startswith("key/"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "alias/",
        "alias/ä",
        "key/" + ID,
        ID.upper(),
        ID[:-1],
        "mrk-1",
        f"{PLACE}key/",
        f"{PLACE}key/x",
        f"{PLACE}{ID}",
        f"{PLACE}key/{ID}\n",
        f"{PLACE}key/{ID}:x",
        f"arn:aws:s3:eu-west-1:111122223333:key/{ID}",
        f"arn:aws:kms::111122223333:key/{ID}",
        f"arn:aws:kms:eu-west-1::key/{ID}",
        f"arn:aws:kms:eu-west-1:11112222333:key/{ID}",
        f"arn:aws:kms:evil.example/:111122223333:key/{ID}",
        f"arn:aws:kms:x@evil.example#:111122223333:key/{ID}",
        f"arn:aws:kms:eu-west-1.evil-example:111122223333:key/{ID}",
        f"arn:azure:kms:eu-west-1:111122223333:key/{ID}",
        f"arn:aws:kms:EU-WEST-1:111122223333:key/{ID}",
        f"arn:aws:kms:eu-west-\u0661:111122223333:key/{ID}",
    ],
)
def test_malformed(text):
    """What names no key is refused before anything is asked; no host comes out of a region."""
    with pytest.raises(KEKError, match="is not the name of a KMS key") as caught:
        parse(text)
    assert "aws-kms:arn:aws:kms:" in caught.value.hint


def test_the_uri():
    """Spaces around a name are no part of the URI that is written."""
    assert kek_of(f"aws-kms: {PLACE}key/{ID}\n", Keyring([])).uri == f"aws-kms:{PLACE}key/{ID}"


def test_which_key_may_answer():
    """An answer is of the key that was asked, as far as its name says."""
    key = parse(f"{PLACE}key/{ID}")
    other = parse(f"{PLACE}key/{ID[:-1]}c")
    elsewhere = parse(f"arn:aws:kms:eu-west-2:111122223333:key/{ID}")
    foreign = parse(f"arn:aws:kms:eu-west-1:111122223334:key/{ID}")
    assert [key.can_be(one) for one in (key, other, elsewhere, foreign)] == [True] + [False] * 3
    alias = parse(f"{PLACE}alias/x")
    assert [alias.can_be(one) for one in (key, other, elsewhere, foreign)] == [True, True] + [
        False
    ] * 2
    assert parse(ID).can_be(key)
    assert not parse(ID).can_be(other)
    assert parse("alias/x").can_be(other)
    assert not parse("alias/x").can_be(alias)
    assert not key.can_be(parse(ID))


def test_replicas():
    """The replica of a multi-region key differs in the region alone."""
    key = parse(f"{PLACE}key/{MULTI}")
    replica = parse(f"arn:aws:kms:us-east-1:111122223333:key/{MULTI}")
    assert key.is_multi_region
    assert key.in_region("us-east-1") == replica
    assert not parse(f"{PLACE}key/{ID}").is_multi_region
    assert not parse(MULTI).is_multi_region
