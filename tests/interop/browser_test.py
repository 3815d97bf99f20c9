#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: browser_test.py firefox|chromium [context], inside scripts/with-card and xvfb-run: a page is loaded with the card, the PIN typed
into the browser's own window; with the card pulled the next page knows nobody; with the card back it works again.
context: with always-authenticate = "context" in fncard.toml. Firefox asks for no PIN for a signature itself: it then says that the
handshake failed, and that is tested."""
import pathlib
import sys
import tempfile

from browser_world import Browser, Screen, Server, cannot, holder, measure, reader, result, until

NAMES = {"firefox": "Firefox", "chromium": "Chromium"}


def refused(browser, server):
    """Firefox when each signature wants a PIN of its own: it says so, and lives."""
    browser.start("/first")
    browser.answer_until("an answer", lambda: server.visited("/first") or "Security Risk" in browser.title())
    assert not server.visited("/first"), "it can: say so in docs/clients.md"
    browser.close()
    cannot("Firefox (context)", "TLS 1.3 client authentication")


def journey(browser, server, second_server):
    name, owner, before = NAMES[browser.name], holder(), measure()
    browser.start("/first")
    prompts = browser.answer_until("the first page", lambda: server.visited("/first"))
    assert server.visitor("/first") == owner
    until("the page in the window", lambda: f"client {owner}" in browser.title())
    browser.screen.picture("signed-in")
    result(name, "TLS 1.3 client authentication", prompts, before)

    reader("remove")
    before = measure()
    refused_before = server.refused
    browser.go(server, "/second")
    browser.answer_until("a page without the card", lambda: server.visited("/second") or server.refused > refused_before)
    browser.screen.picture("card-pulled")
    result(name, "signs out when the card is pulled", "-", before)

    # another server, for a browser remembers for the first that it went there without a certificate
    reader("insert")
    browser.sees_the_card()
    before = measure()
    browser.go(second_server, "/third")
    prompts = browser.answer_until("a page with the card back", lambda: second_server.visited("/third"))
    assert second_server.visitor("/third") == owner
    assert all(client == "nobody" for path, client, _ in server.seen if path == "/second"), server.seen
    result(name, "signs in with the card back", prompts, before)
    browser.close()


def main():
    context = sys.argv[2:] == ["context"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        screen, server, second_server = Screen(folder), Server(folder / "server"), Server(folder / "second-server")
        browser = Browser(sys.argv[1], folder, screen, [server, second_server])
        try:
            if context:
                browser.configure('[pkcs11]\nalways-authenticate = "context"\n')
                refused(browser, server)
            else:
                journey(browser, server, second_server)
        finally:
            browser.kill()
            screen.close()


main()
