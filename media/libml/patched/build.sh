#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The KernelOracle authors
# Configures and builds the kernel in whose source this folder lies, with the model in it. Needs no root, installs nothing.
set -eu

usage='usage: build.sh needs
       build.sh configure keep|running|defconfig|FILE [fixed-point|float]
       build.sh build [JOBS|all [any|packages|image]]'

fail() {
	echo "$*" >&2
	exit 1
}

has() {
	command -v "$1" >/dev/null 2>&1
}

# Whether the compiler finds a header.
has_header() {
	echo "#include <$1>" | ${CC:-gcc} -E - >/dev/null 2>&1
}

sets() {
	grep -q "^CONFIG_$1=y" .config 2>/dev/null
}

# What a build as it is configured now would miss, a line each: program NAME, header NAME.
needs() {
	for name in make "${CC:-gcc}" ld flex bison bc perl; do
		has "$name" || echo "program $name"
	done
	has "${CC:-gcc}" || return 0
	has_header libelf.h || echo "header libelf.h"
	if sets SYSTEM_TRUSTED_KEYRING || sets MODULE_SIG; then
		has_header openssl/ssl.h || echo "header openssl/ssl.h"
		has openssl || echo "program openssl"
	fi
	# Without it, types of the kernel (BTF) would be left out without a word.
	if ! sets DEBUG_INFO_NONE; then
		has pahole || echo "program pahole"
	fi
	if has dpkg-deb; then
		for name in dpkg-buildpackage depmod cpio rsync; do
			has "$name" || echo "program $name"
		done
	fi
}

require_needs() {
	missing=$(needs)
	[ -z "$missing" ] || fail "These are missing here; install them with the distribution's packages:
$missing"
}

take_config() {
	case $1 in
	keep)
		[ -f .config ] || fail "There is no .config in $(pwd). Configure it from the running kernel's, defconfig or a file."
		;;
	running)
		if [ -r "/boot/config-$(uname -r)" ]; then
			cp "/boot/config-$(uname -r)" .config
		elif [ -r /proc/config.gz ]; then
			gzip -dc /proc/config.gz >.config
		else
			fail "The configuration of the running kernel, $(uname -r), is neither in /boot nor in /proc/config.gz."
		fi
		;;
	defconfig)
		make -s defconfig
		;;
	*)
		[ -r "$1" ] || fail "There is no configuration $1."
		cp "$1" .config
		;;
	esac
}

configure() {
	[ ! -f .config ] || cp .config .config.before-ml
	take_config "$1"
	case ${2-fixed-point} in
	fixed-point) set -- -e ML_FORCE_MIGRATIONS -e FIXED_POINT_ML ;;
	float) set -- -e ML_FORCE_MIGRATIONS -d FIXED_POINT_ML ;;
	*) fail "$usage" ;;
	esac
	# Keys that only the distribution has end a build.
	for key in SYSTEM_TRUSTED_KEYS SYSTEM_REVOCATION_KEYS; do
		if grep -q "^CONFIG_$key=\"..*\"" .config; then set -- "$@" --set-str "$key" ""; fi
	done
	# A kernel of its own name, beside the one it was made of.
	name=$(sed -n 's/^CONFIG_LOCALVERSION="\(.*\)"$/\1/p' .config)
	case $name in
	*-ml) ;;
	*) set -- "$@" --set-str LOCALVERSION "$name-ml" ;;
	esac
	./scripts/config "$@"
	make -s olddefconfig
	sets ML_FORCE_MIGRATIONS || fail "The option ML_FORCE_MIGRATIONS did not stay on: it needs SMP and SYSFS."
	if [ "$wants_float" = yes ] && sets FIXED_POINT_ML; then
		fail "FIXED_POINT_ML did not stay off: this model has no floats, or the machine is none of x86-64."
	fi
	# Its name is read from what make makes of the configuration.
	make -s syncconfig
	echo "configured $(make -s kernelrelease)"
}

build() {
	jobs=${1-all}
	[ "$jobs" != all ] || jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
	kind=${2-any}
	if [ "$kind" = any ]; then kind=$(has dpkg-deb && echo packages || echo image); fi
	[ -f .config ] || fail "It is not configured yet: build.sh configure."
	sets ML_FORCE_MIGRATIONS || fail "ML_FORCE_MIGRATIONS is off in .config: build.sh configure."
	require_needs
	case $kind in
	packages)
		has dpkg-deb || fail "Packages are built on Debian and its kin. Build the image: build.sh build $jobs image."
		make -j"$jobs" bindeb-pkg
		;;
	image) make -j"$jobs" ;;
	*) fail "$usage" ;;
	esac
	echo "built $(make -s kernelrelease): $(make -s image_name)"
	size -t kernel/sched/ml/built-in.a |
		awk 'END { print "the model and what asks it: text " $1 ", data " $2 ", bss " $3 " bytes" }'
}

cd "$(dirname "$0")/.."
[ -f kernel/sched/ml/Kconfig ] || fail "$(pwd) is no source of a kernel that KernelOracle has patched."
# What a shell of another language sorts and prints must not reach the build.
LC_ALL=C
export LC_ALL
case ${1-} in
needs) needs ;;
configure)
	[ $# -ge 2 ] || fail "$usage"
	shift
	wants_float=$([ "${2-}" = float ] && echo yes || echo no)
	configure "$@"
	;;
build)
	shift
	build "$@"
	;;
*) fail "$usage" ;;
esac
