"""Install a program from Debian's packages, where this machine and this user may."""

import os
import platform
import shutil
import subprocess


def say(message: str) -> None:
    """Print one line at once, so that a pause after it is explained."""
    print(message, flush=True)


def administrator() -> list[str] | None:
    """What must stand before apt-get: nothing for root, sudo where it asks no password; None where neither works."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def is_debian() -> bool:
    """Whether apt here installs Debian's own packages. Ubuntu's `chromium` is only a pointer to a snap."""
    if os.name == "nt" or not shutil.which("apt-get"):
        return False
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    return "debian" in (release.get("ID"), *release.get("ID_LIKE", "").split()) and release.get("ID") != "ubuntu"


def install_debian_package(name: str) -> bool:
    """Install one package without asking; whether that worked."""
    prefix = administrator() if is_debian() else None
    if prefix is None:
        return False
    say(f"Installing Debian's package {name}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", name]):
        done = subprocess.run([*prefix, "apt-get", *command], env=environment, stdin=subprocess.DEVNULL, text=True)
        if done.returncode != 0:
            say(f"apt-get {command[0]} failed; see its message above")
            return False
    return True
