# A test of the Phoronix Test Suite that is installed there: $1 as `pts/compress-zstd`. Its settings and results go into the
# temporary folder; the installed tests stay where they are. Nothing is asked, downloaded or uploaded.
command -v phoronix-test-suite >/dev/null 2>&1 || ko_fail "phoronix-test-suite is not installed on this machine."
for ko_installed in "$HOME/.phoronix-test-suite/installed-tests/" /var/lib/phoronix-test-suite/installed-tests/ none; do
  set -- "$1" "$ko_installed$1"-[0-9]*
  if [ -d "$2" ] || [ -d "$ko_installed$1" ]; then break; fi
done
[ "$ko_installed" != none ] ||
  ko_fail "The test $1 is not installed for this user; do it there: phoronix-test-suite install $1"
PTS_USER_PATH_OVERRIDE=$ko_dir/phoronix/
PTS_TEST_INSTALL_ROOT_PATH=$ko_installed
TEST_RESULTS_NAME=kernel-oracle-$ko_token
NO_COLOR=1
export PTS_USER_PATH_OVERRIDE PTS_TEST_INSTALL_ROOT_PATH TEST_RESULTS_NAME NO_COLOR
mkdir "$PTS_USER_PATH_OVERRIDE" || exit 1
# Answers to what it asks about its batch mode: save nothing, and no to all the rest.
printf 'n\nn\nn\nn\nn\nn\nn\n' | phoronix-test-suite batch-setup >/dev/null 2>&1 3>&- 4>&-
ko_say tool "name=phoronix-test-suite $1"
echo "ran: phoronix-test-suite batch-run $1"
ko_run phoronix-test-suite batch-run "$1"
