#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: firefox_trouble_test.py without-card|pulled, inside scripts/with-card and xvfb-run: Firefox with the module loads pages and ends
by itself whatever the card does.
without-card: no card that the module could use (a blank one, an empty reader, or no service: PCSCLITE_CSOCK_NAME leads nowhere).
pulled: the card is pulled while the PIN is asked for, comes back, and is pulled again when Firefox ends."""
import pathlib
import sys
import tempfile

from browser_world import Browser, Screen, Server, reader, until


def without_card(browser, server, _):
    browser.start("/first")
    assert browser.answer_until("a page", lambda: server.visited("/first")) == 0, "a PIN is asked for"
    assert server.visitor("/first") == "nobody"
    browser.close()


def pulled(browser, server, second_server):
    browser.start("/first")
    window = until("the question for the PIN", browser.pin_question)
    reader("remove")
    refused_before = server.refused
    browser.answer(window)
    browser.answer_until("an answer without the card", lambda: server.visited("/first") or server.refused > refused_before)
    assert all(client == "nobody" for _, client, _ in server.seen), server.seen

    # another server, for Firefox may remember that it went to the first without a certificate
    reader("insert")
    browser.sees_the_card()
    browser.go(second_server, "/back")
    window = until("the question for the PIN with the card back", browser.pin_question)
    browser.screen.type(window, keys=["Escape"])
    until("an answer without the PIN", lambda: browser.pin_question() is None)

    reader("remove")
    browser.close()


def main():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        screen, server, second_server = Screen(folder), Server(folder / "server"), Server(folder / "second-server")
        browser = Browser("firefox", folder, screen, [server, second_server])
        try:
            {"without-card": without_card, "pulled": pulled}[sys.argv[1]](browser, server, second_server)
        except BaseException:
            screen.picture("failed")
            raise
        finally:
            browser.kill()
            screen.close()


main()
