# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# What the scripts need from Debian, by feature, and how it gets here. Made to be sourced.

# feature, package, and the command or file that shows that it is there
packages_table() {
    cat <<'EOF'
build  make             make
build  gcc              gcc
build  binutils         objcopy
clang  clang            clang
format clang-format     clang-format
lint   shellcheck       shellcheck
unit   libc6-dev        /usr/include/stdio.h
unit   libcmocka-dev    /usr/include/cmocka.h
fuzz   clang            clang
fuzz   libclang-rt-14-dev /usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.fuzzer-x86_64.a
image  grub-common      grub-mkimage
image  grub-pc-bin      /usr/lib/grub/i386-pc/boot.img
image  grub-efi-amd64-bin /usr/lib/grub/x86_64-efi/moddep.lst
image  grub-efi-ia32-bin /usr/lib/grub/i386-efi/moddep.lst
image  gdisk            /usr/sbin/sgdisk
image  mtools           mformat
image  binutils         strip
images xorriso          xorriso
images qemu-utils       qemu-img
media  ovmf             /usr/share/OVMF/OVMF_CODE_4M.fd
media  ovmf-ia32        /usr/share/OVMF/OVMF32_CODE_4M.secboot.fd
media  xz-utils         xz
qemu   qemu-system-x86  qemu-system-x86_64
bochs  bochs            bochs-bin
bochs  bochs-term       /usr/lib/x86_64-linux-gnu/bochs/plugins/libbx_term_gui.so
bochs  bochsbios        /usr/share/bochs/BIOS-bochs-latest
bochs  vgabios          /usr/share/vgabios/vgabios.bin
lab    binutils         objcopy
lab    dpkg             dpkg-deb
lab    lz4              lz4
lab    xz-utils         xz
lab-vmx gcc             gcc
lab-vmx libc6-dev       /usr/include/stdio.h
lab-vmx xorriso         xorriso
modules gcc             gcc
modules make            make
modules patch           patch
modules xz-utils        xz
modules binutils        objcopy
debootstrap debootstrap            /usr/sbin/debootstrap
debootstrap debian-archive-keyring /usr/share/keyrings/debian-archive-keyring.gpg
debootstrap gpgv                   gpgv
carrier gcc             gcc
carrier libc6-dev       /usr/include/stdio.h
carrier libglib2.0-dev  /usr/include/glib-2.0/glib.h
carrier pkg-config      pkg-config
carrier ninja-build     ninja
carrier make            make
carrier patch           patch
carrier dpkg-dev        dpkg-source
carrier xz-utils        xz
carrier python3         /usr/bin/python3
carrier python3-venv    /var/lib/dpkg/info/python3-venv.list
carrier debian-archive-keyring /usr/share/keyrings/debian-archive-keyring.gpg
screen zbar-tools       zbarimg
screen fonts-spleen     /usr/share/consolefonts/spleen-8x16.psfu.gz
screen python3-pil      /usr/lib/python3/dist-packages/PIL/__init__.py
report python3-junitparser /usr/lib/python3/dist-packages/junitparser/__init__.py
report python3-tap      /usr/lib/python3/dist-packages/tap/main.py
report python3-jinja2   /usr/lib/python3/dist-packages/jinja2/__init__.py
report python3-yaml     /usr/lib/python3/dist-packages/yaml/__init__.py
report perl             prove
browser chromium        chromium
deb    dpkg             dpkg-deb
deb    lintian          lintian
pytest python3-pytest   /usr/lib/python3/dist-packages/pytest/__init__.py
pytest python3-pytest-xdist /usr/lib/python3/dist-packages/xdist/__init__.py
pytest python3-clang    /usr/lib/python3/dist-packages/clang/cindex.py
EOF
}

# The packages that the features named miss, one per line.
packages_missing() {
    local feature package proof
    while read -r feature package proof; do
        case " $* " in *" $feature "*) ;; *) continue ;; esac
        case $proof in
        /*) [ -e "$proof" ] || echo "$package" ;;
        *) command -v "$proof" >/dev/null || echo "$package" ;;
        esac
    done < <(packages_table)
}

packages_as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

packages_install() {
    echo "installing from Debian: $*" >&2
    export DEBIAN_FRONTEND=noninteractive
    packages_as_root apt-get -qq update >&2 &&
        packages_as_root apt-get -qq -y --no-install-recommends install "$@" >&2
}

# Installs what the features named miss. Fails, having said why, when that cannot be done;
# NO_INSTALL=1 forbids to try.
packages_need() {
    local missing
    mapfile -t missing < <(packages_missing "$@")
    [ ${#missing[@]} = 0 ] && return
    if [ -n "${NO_INSTALL:-}" ] || ! command -v apt-get >/dev/null; then
        echo "missing here (Debian's names): ${missing[*]}" >&2
        return 1
    fi
    packages_install "${missing[@]}"
}
