"""Loaded into pytest by moto_tests.py: moto's tests, against the server that the environment names."""
import os

import pytest
import requests
from moto.core.models import ServerModeMockAWS

ENDPOINT = os.environ["TEST_SERVER_MODE_ENDPOINT"]


def reset(_mock=None):
    requests.post(ENDPOINT + os.environ["MOTO_TESTS_RESET"], timeout=60).raise_for_status()


ServerModeMockAWS.reset = reset


class Running:
    """In the place of the server that a test class would start on the same port."""

    def stop(self):
        pass


def pytest_pycollect_makeitem(name, obj):
    """Its policies are public ones: the block of these, which new buckets have on AWS and here, is taken away."""
    if name != "TestBucketPolicy":
        return
    make_bucket = obj.setup_method

    def setup_method(self):
        make_bucket(self)
        self.client.delete_public_access_block(Bucket="mybucket")

    obj.setup_class = classmethod(lambda cls: setattr(cls, "server", Running()))
    obj.setup_method = setup_method


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    try:
        return (yield)
    finally:
        if getattr(item, "cls", None) is not None:
            reset()
