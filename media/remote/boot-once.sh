# Chooses a kernel for the next boot only and boots it. $1 grub-reboot, grub2-reboot or kexec.
#   grub: $2 the entry's id
#   kexec: $2 the image, $3 the initial ramdisk (may be empty), $4 the kernel's command line
# It answers `booting` and returns before the machine goes down, so that the answer arrives.
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
# A path in a boot entry counts from the partition that holds it, which is / or /boot.
found() {
  for file in "/boot$1" "$1"; do
    if [ -r "$file" ]; then
      printf '%s' "$file"
      return
    fi
  done
  echo "There is no file $1, nor below /boot." >&2
  return 1
}
case $1 in
grub-reboot | grub2-reboot)
  "$1" "$2" || exit 1
  set -- systemctl reboot
  command -v systemctl >/dev/null 2>&1 || set -- reboot
  ;;
kexec)
  image=$(found "$2") || exit 1
  if [ -n "$3" ]; then
    ramdisk=$(found "$3") || exit 1
    kexec -l "$image" --initrd="$ramdisk" --command-line="$4" || exit 1
  else
    kexec -l "$image" --command-line="$4" || exit 1
  fi
  set -- systemctl kexec
  ;;
*)
  echo "There is no way to boot called $1." >&2
  exit 2
  ;;
esac
echo booting
setsid sh -c 'sleep 1; exec "$@"' sh "$@" </dev/null >/dev/null 2>&1 &
