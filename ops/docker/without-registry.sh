#!/bin/sh
# Builds the images on a machine that reaches Debian and a package index, but no registry of images: the base
# image is made here and bears the official one's name, so that the Dockerfile is built as it is.
# As root, with mmdebstrap, podman and buildah:   sh ops/docker/without-registry.sh [STORAGE]
set -eu
storage=${1:-/var/tmp/chief-of-staff-images}
python=3.11-slim-bookworm # Debian bookworm's own Python
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
engine() { program=$1; shift; "$program" --root "$storage/images" --runroot "$storage/run" "$@"; }

make_base() {
    mmdebstrap --variant=minbase --include=python3,python3-venv,ca-certificates,tzdata,netbase \
        bookworm "$work/root.tar"
    mkdir "$work/root"
    tar --directory "$work/root" --numeric-owner --extract --file "$work/root.tar"
    ln -s /usr/bin/python3 "$work/root/usr/local/bin/python"
    ln -s /usr/bin/python3 "$work/root/usr/local/bin/python3"
    # This machine's certificates: a mirror of the index may have one of its own.
    cp /etc/ssl/certs/ca-certificates.crt "$work/root/etc/ssl/certs/ca-certificates.crt"
    printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$work/root/etc/pip.conf"
    tar --directory "$work/root" --numeric-owner --create --file "$work/base.tar" .
    engine podman import "$work/base.tar" "docker.io/library/python:$python"
}

engine podman image exists "docker.io/library/python:$python" || make_base
cd "$(dirname "$0")/../.."
for part in ledger chief gateway ui seed; do
    engine buildah build --isolation chroot --format docker --layers --pull-never \
        --build-arg "PYTHON=$python" --file ops/docker/Dockerfile \
        --ignorefile ops/docker/Dockerfile.dockerignore \
        --target "$part" --tag "chief-of-staff-$part" .
done
engine podman images
