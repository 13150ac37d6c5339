# A container without Docker: its first process, a name, a read-only root, an unprivileged user.
# pod.sh HOST VOLUME MOUNTPATH APP NODE PACKAGE UID COMMAND…; made by `unshare -Ur --pid --mount --uts --fork`.
set -e
host="$1" volume="$2" path="$3" app="$4" node="$5" package="$6" uid="$7"
shift 7
hostname "$host"
mount --make-rprivate /
root="$(mktemp -d)"
mount -t tmpfs -o mode=0755 tmpfs "$root"
# What is bound may lie in it.
mkdir "$root/tmp"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"

# bind WHAT [WHERE]
bind() {
  mkdir -p "$root${2:-$1}"
  mount --rbind "$1" "$root${2:-$1}"
}
readonly_bind() {
  bind "$@"
  mount -o remount,bind,ro "$root${2:-$1}"
}
for dir in /bin /sbin /lib /lib64; do
  if [ -h "$dir" ]; then cp -P "$dir" "$root$dir"; elif [ -d "$dir" ]; then readonly_bind "$dir"; fi
done
readonly_bind /usr
readonly_bind /etc
case "$node" in /usr/*) ;; *) readonly_bind "$node" ;; esac
readonly_bind "$package"
readonly_bind "$app" /app
bind /dev
bind "$volume" "$path"
mkdir -p "$root/proc"
mount -t proc proc "$root/proc"
mount -o remount,bind,ro "$root"
cd "$root"
exec unshare --user --map-user="$uid" --map-group="$uid" --root="$root" --wd=/app "$@"
