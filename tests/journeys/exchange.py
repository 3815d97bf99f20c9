# SPDX-License-Identifier: Apache-2.0
"""One HTTP exchange, as a program makes it that nobody here wrote."""

import http.client
import json
import urllib.parse

WAIT_LIMIT = 60  # seconds until something that must happen is given up; never a figure that a test asserts


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body) if self.body else None

    @property
    def code(self):
        """The stable code of an error answer, or None."""
        return (self.json or {}).get("error", {}).get("code") if self.status >= 400 else None


def call(url, body=None, method=None, context=None, headers=None):
    """One HTTP exchange. body: a dict is sent as JSON, a list of pairs as a form, bytes as they are."""
    parts = urllib.parse.urlsplit(url)
    fields = dict(headers or {})
    if isinstance(body, dict):
        fields.setdefault("Content-Type", "application/json")
        body = json.dumps(body).encode()
    elif isinstance(body, list):
        fields.setdefault("Content-Type", "application/x-www-form-urlencoded")
        body = urllib.parse.urlencode(body).encode()
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, context=context, timeout=WAIT_LIMIT)
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=WAIT_LIMIT)
    try:
        target = parts.path + ("?" + parts.query if parts.query else "")
        connection.request(method or ("GET" if body is None else "POST"), target, body, fields)
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()
