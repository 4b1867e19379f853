"""Fixtures: a plan of one step `assets`, and the S3 that it leads to."""

import pytest
from assets_place import BUCKET, KEY, MANIFEST, Place
from servers.aws import ACCESS_KEY, REGION
from servers.faults import Faults


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture(scope="session")
def bucket(moto_server):
    """Put a manifest into the bucket, which is made."""
    s3 = moto_server.client("s3")
    where = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)

    def put(key=KEY, data=MANIFEST, **settings):
        s3.put_object(Bucket=BUCKET, Key=key, Body=data, **settings)

    put()
    return put


@pytest.fixture
def s3_faults(monkeypatch):
    """A server that does as told, in place of S3."""
    with Faults() as server:
        environment = {"AWS_ENDPOINT_URL_S3": server.url, "AWS_REGION": REGION, **ACCESS_KEY}
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield server
