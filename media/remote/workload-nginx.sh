# An nginx of our own under `ab -n $1 -c $2`: own configuration, port and folder, on loopback; the machine's own nginx, if
# there is one, is neither used nor touched.
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
for ko_tool in nginx ab; do
  command -v "$ko_tool" >/dev/null 2>&1 || ko_fail "$ko_tool is not installed on this machine."
done

# Below the range that Linux lends to outgoing connections (32768 and up).
ko_port=$((20000 + 0x${ko_token%????????????} % 10000))
while grep -qiE ":$(printf '%04X' "$ko_port") [0-9A-F]+:[0-9A-F]{4} 0A" /proc/net/tcp /proc/net/tcp6 2>/dev/null; do
  ko_port=$((20000 + (ko_port - 20000 + 1) % 10000))
done

# Root's nginx serves as another user, who has to get at the page.
ko_site=$ko_dir/site
chmod 711 "$ko_dir" && mkdir -m 755 "$ko_site" "$ko_dir/temp" || exit 1
{
  echo '<!doctype html><title>KernelOracle</title>'
  ko_left=9
  while [ "$ko_left" -gt 0 ]; do
    echo '<p>A page of six hundred bytes, as web servers have it at first.'
    ko_left=$((ko_left - 1))
  done
} >"$ko_site/index.html" && chmod 644 "$ko_site/index.html" || exit 1
cat >"$ko_dir/nginx.conf" <<END || exit 1
daemon off;
worker_processes auto;
pid $ko_dir/nginx.pid;
error_log stderr error;
events { worker_connections 768; }
http {
  access_log off;
  default_type text/html;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path $ko_dir/temp/body;
  proxy_temp_path $ko_dir/temp/proxy;
  fastcgi_temp_path $ko_dir/temp/fastcgi;
  uwsgi_temp_path $ko_dir/temp/uwsgi;
  scgi_temp_path $ko_dir/temp/scgi;
  server { listen 127.0.0.1:$ko_port; root $ko_site; }
}
END
# Before 1.19.5 it opens the log that it was built with, whatever its configuration says.
ko_early_log=
! nginx -e stderr -v 2>/dev/null || ko_early_log='-e stderr'
nginx $ko_early_log -p "$ko_dir/" -c "$ko_dir/nginx.conf" >&2 3>&- 4>&- &
ko_server=$!

ko_left=100
until ab -n 1 -c 1 "http://127.0.0.1:$ko_port/index.html" >/dev/null 2>&1 3>&- 4>&-; do
  kill -0 "$ko_server" 2>/dev/null || ko_fail "nginx does not start."
  ko_left=$((ko_left - 1))
  [ "$ko_left" -gt 0 ] || ko_fail "nginx does not answer within 10 s."
  ko_sleep 0.1 || ko_sleep 1
  ! ko_stopping || break
done
ko_say tool name=nginx "port=$ko_port"

ko_status=0
if ! ko_stopping; then
  ko_run ab -n "$1" -c "$2" "http://127.0.0.1:$ko_port/index.html" >"$ko_dir/ab.txt"
  ko_ended=$?
  echo "ran: ab -n $1 -c $2 http://127.0.0.1:$ko_port/index.html"
  cat "$ko_dir/ab.txt"
  ko_complete=$(awk -F ': *' '/^Complete requests:/ { print $2 }' "$ko_dir/ab.txt")
  ko_failed=$(awk -F ': *' '/^Failed requests:/ { print $2 }' "$ko_dir/ab.txt")
  ko_rate=$(awk '/^Requests per second:/ { print $4 }' "$ko_dir/ab.txt")
  ko_say result "complete=$ko_complete" "failed=$ko_failed" "rate=$ko_rate"
  ko_status=$ko_ended
  if [ "$ko_failed" != 0 ] && [ "$ko_status" = 0 ]; then ko_status=1; fi
fi
# Politely, so that its processes are gone before the collection is.
kill -s QUIT "$ko_server" 2>/dev/null
wait "$ko_server"
exit "$ko_status"
