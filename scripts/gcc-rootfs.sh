# Debian with a C compiler as build/gcc.tar: for the test that builds a real program.
. scripts/debootstrap.sh
debootstrap_tar gcc --include=gcc,libc6-dev -- 'var/cache/apt/archives/*.deb' usr/share/doc usr/share/locale usr/share/man
