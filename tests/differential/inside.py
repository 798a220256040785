"""What every program here begins with: namespaces of its own, and both engines in them."""
import os
import subprocess
import sys

from engines import Docker, Gantry

SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def use_reference(directory):
    """What is unpacked there (usr/bin, usr/sbin) comes before what is installed; None: what is installed."""
    if directory:
        os.environ["PATH"] = f"{directory}/usr/bin:{directory}/usr/sbin:{os.environ['PATH']}"


def enter_namespaces():
    """Goes on in a network and mount namespace of its own, or ends the program where that or dockerd is not to be had."""
    if os.geteuid() != 0:
        skip("needs root")
    if not Docker.installed():
        skip("needs dockerd and docker (./dev deps bench)")
    if os.environ.get("DIFFERENTIAL_INSIDE") != "1":
        os.environ["DIFFERENTIAL_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--net", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def start_both(build, work, engines):
    """Appends dockerd and Gantry to `engines`, which the caller closes whatever happens."""
    problem = None
    try:
        engines.append(Docker(work))
    except SystemExit as reason:
        problem = reason
    if problem is not None:
        skip(f"dockerd does not start here: {problem}")
    engines.append(Gantry(build, work))
