# Debian as build/debian.tar: real input for the tests.
. scripts/debootstrap.sh
debootstrap_tar debian
