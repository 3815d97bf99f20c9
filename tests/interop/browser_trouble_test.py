#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: browser_trouble_test.py firefox|chromium SCENARIO, inside scripts/with-card and xvfb-run: a browser with the module loads pages,
signs in once the card is there again, and ends by itself, whatever the card and its service do.

  without-card   no card that the module could use: a blank one, an empty reader, or no service (PCSCLITE_CSOCK_NAME leads nowhere)
  mute, unknown  first a card that gives no ATR, or one that is no PIV card
  no-reader      first the reader is not plugged in
  service        pcscd is stopped and started again
  pin            the card is pulled while the PIN is asked for
  signature      the card is pulled while it signs
  end            the browser is closed while the card signs, and then the card is pulled"""
import os
import pathlib
import sys
import tempfile

from browser_world import Browser, Screen, Server, holder, reader, until


def page_without_card(browser, server, path):
    refused_before = server.refused
    browser.go(server, path)
    browser.answer_until("an answer without the card", lambda: server.visited(path) or server.refused > refused_before)
    assert all(client == "nobody" for each, client, _ in server.seen if each == path), server.seen


def signs_in_again(browser, server):
    """With a server that is new to the browser, which may remember of another that it went there without a certificate."""
    browser.sees_the_card()
    browser.go(server, "/again")
    browser.answer_until("a page with the card back", lambda: server.visited("/again"))
    assert server.visitor("/again") == holder()
    browser.close()


def starts_without_card(browser, server):
    browser.start("/first")
    assert browser.answer_until("a page", lambda: server.visited("/first")) == 0, "a PIN is asked for"
    assert server.visitor("/first") == "nobody"


def signs_in(browser, server):
    browser.start("/first")
    browser.answer_until("the first page", lambda: server.visited("/first"))
    assert server.visitor("/first") == holder()


def without_card(browser, server, _):
    starts_without_card(browser, server)
    browser.close()


def strange_card(kind):
    def scenario(browser, server, second_server):
        reader("remove")
        reader(f"insert-{kind}")
        starts_without_card(browser, server)
        reader("remove")
        reader("insert", os.environ["FNCARD_CARD_FILE"])
        signs_in_again(browser, second_server)

    return scenario


def no_reader(browser, server, second_server):
    reader("unplug")
    starts_without_card(browser, server)
    reader("plug")
    signs_in_again(browser, second_server)


def service(browser, server, second_server):
    signs_in(browser, server)
    command("stop")
    until("the end of pcscd", lambda: not os.path.exists(os.environ["PCSCLITE_CSOCK_NAME"]))
    page_without_card(browser, server, "/without-service")
    command("start")
    signs_in_again(browser, second_server)


def command(word):
    with open(os.environ["FNCARD_PCSCD_CONTROL"], "w", encoding="ascii") as control:
        control.write(word + "\n")


def pin(browser, server, second_server):
    browser.start("/first")
    window = until("the question for the PIN", browser.pin_question)
    reader("remove")
    refused_before = server.refused
    browser.answer(window)
    browser.answer_until("an answer without the card", lambda: server.visited("/first") or server.refused > refused_before)
    assert all(client == "nobody" for _, client, _ in server.seen), server.seen
    reader("insert")
    signs_in_again(browser, second_server)


def signature(browser, server, second_server):
    reader("fault", "at", "general-authenticate", "1", "mute")
    browser.start("/first")
    browser.answer_until("the signature", lambda: "0 pending" in reader("faults"))
    refused_before = server.refused
    reader("remove")
    browser.answer_until("an answer without the card", lambda: server.visited("/first") or server.refused > refused_before)
    page_without_card(browser, server, "/without-card")
    assert all(client == "nobody" for _, client, _ in server.seen), server.seen
    reader("insert")
    signs_in_again(browser, second_server)


def end(browser, server, second_server):
    signs_in(browser, server)
    reader("fault", "at", "general-authenticate", "1", "mute")
    browser.go(second_server, "/never-answered")
    browser.answer_until("the signature", lambda: "0 pending" in reader("faults"))
    browser.close(meanwhile=lambda: reader("remove"))


SCENARIOS = {"without-card": without_card, "mute": strange_card("mute"), "unknown": strange_card("unknown"), "no-reader": no_reader,
             "service": service, "pin": pin, "signature": signature, "end": end}


def main():
    name, scenario = sys.argv[1:3]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder_name:
        folder = pathlib.Path(folder_name)
        screen, server, second_server = Screen(folder), Server(folder / "server"), Server(folder / "second-server")
        browser = Browser(name, folder, screen, [server, second_server])
        try:
            SCENARIOS[scenario](browser, server, second_server)
        except BaseException:
            screen.picture("failed")
            raise
        finally:
            browser.kill()
            screen.close()


main()
