# SPDX-License-Identifier: Apache-2.0
"""The agent's windows as a screen reader and a keyboard have them (AT-SPI, XTest)."""
import subprocess
import time

import pyatspi
from gi.repository import GLib

PATIENCE = 60


def until(what, condition):
    """The first true value of condition, which is asked again until it comes."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            value = condition()
        except Exception as error:  # AT-SPI objects may go away while they are looked at
            value = None
            what = f"{what} ({error})"
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"never came: {what}")


def walk(node):
    if node is None:
        return
    yield node
    for index in range(node.childCount):
        yield from walk(node.getChildAtIndex(index))


def windows(agent):
    """The windows of one agent; the registry may still name programs that ended."""
    for application in pyatspi.Registry.getDesktop(0):
        try:
            ours = application is not None and application.get_process_id() == agent.pid
        except GLib.Error:
            continue
        if ours:
            yield from application


def everything_said(node):
    """All that AT-SPI tells of a tree: names, descriptions, texts, values, attributes, states."""
    said = []
    for part in walk(node):
        said += [part.name, part.description, str(part.getAttributes()), part.getRoleName(),
                 str(sorted(str(state) for state in part.getState().getStates()))]
        for query, read in (("queryText", lambda text: text.getText(0, -1)),
                            ("queryValue", lambda value: str(value.currentValue))):
            try:
                said.append(read(getattr(part, query)()))
            except NotImplementedError:
                pass
    return said


def window(agent):
    return until("the window", lambda: next(windows(agent), None))


def no_window(agent):
    until("the window to close", lambda: not list(windows(agent)))


def gone(agent, window_):
    """Another one may be there in its place."""
    until("the window to go", lambda: all(one != window_ for one in windows(agent)))


def part(window_, role):
    return until(role, lambda: next((one for one in walk(window_) if one.getRoleName() == role), None))


def button(window_, name):
    return until(name, lambda: next((one for one in walk(window_) if one.getRoleName() == "push button" and one.name == name), None))


def focus(one):
    until("the focus", lambda: one.getState().contains(pyatspi.STATE_FOCUSED) or (one.queryComponent().grabFocus() and False))


def type_pin(window_, digits):
    field = part(window_, "password text")
    focus(field)
    # by standard input: a command line can be read by others
    subprocess.run(["xdotool", "type", "--file", "-"], input=digits, text=True, check=True)
    return field


def press(button_):
    button_.queryAction().doAction(0)


def picture(folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["import", "-window", "root", folder / f"{name}.png"], check=True)
