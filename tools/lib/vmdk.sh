# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# A disk in the format of VMware's products (VMware, "Virtual Disk Format 5.0"): one file, a sparse
# extent with the descriptor in it. Made to be sourced.

VMDK_SECTOR=512

# The little-endian number of 8 bytes at offset $2 of file $1.
vmdk_number() {
    od -An -v -j "$2" -N 8 -t u8 "$1" | tr -d ' '
}

# The text of the descriptor in $1, whose place is $2, its size $3. Behind its end there may be the
# last bytes of a longer one: qemu-img writes the CID a second time, with fewer digits now and then.
vmdk_descriptor() {
    tail -c +$(($2 + 1)) "$1" | head -c "$3" | sed -z q | tr -d '\0'
}

# CID is the content's number, 32 bits, at random in what qemu-img makes. Its digits are as many as
# the number has, so the whole line is another one, and the text may have another length. ffffffff and
# fffffffe mean something of their own: the first digit of ours is 0. $1: disk, $2: its content
vmdk_set_cid() {
    local place size cid text
    # "The sparse extent header": descriptorOffset and descriptorSize are in sectors.
    place=$(($(vmdk_number "$1" 28) * VMDK_SECTOR)) size=$(($(vmdk_number "$1" 36) * VMDK_SECTOR))
    cid=$(sha256sum "$2" | cut -c 1-7) || return
    text=$(vmdk_descriptor "$1" $place $size | sed "s/^CID=.*/CID=0$cid/")
    if [ "$(grep -c "^CID=0$cid\$" <<<"$text")" != 1 ] || [ ${#text} -ge $size ]; then
        echo "vmdk: this descriptor is not understood: $text" >&2
        return 1
    fi
    { printf '%s\n' "$text" && head -c $size /dev/zero; } | head -c $size |
        dd of="$1" bs=$VMDK_SECTOR seek=$((place / VMDK_SECTOR)) iflag=fullblock conv=notrunc status=none
}

# $1: the file to make, the name in it being that of the file; $2: the content
vmdk_make() {
    qemu-img convert -f raw -O vmdk -o adapter_type=ide,subformat=monolithicSparse "$2" "$1" &&
        vmdk_set_cid "$1" "$2"
}
