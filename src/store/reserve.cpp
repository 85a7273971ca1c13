#include "store/reserve.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "base/file.h"

namespace sightline::store {
namespace {

constexpr std::chrono::seconds kPauseBetweenLooks{1};
/// Less is not worth a call: a block.
constexpr std::uint64_t kLeast = 4096;

/// What the process may write into one file (ulimit -f).
std::uint64_t longest_file() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::numeric_limits<std::uint64_t>::max();
  return limit.rlim_cur;
}

}  // namespace

Result<std::shared_ptr<Reserve>> Reserve::open(const std::filesystem::path& folder, std::uint64_t bytes) {
  const std::filesystem::path path = folder / "reserve";
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) return std::unexpected(system_error("create", path, errno));
  struct stat info{};
  struct statvfs disk{};
  if (::fstat(file.get(), &info) != 0 || ::fstatvfs(file.get(), &disk) != 0)
    return std::unexpected(system_error("read", path, errno));
  // What an earlier run holds is free to this one.
  const std::uint64_t before = static_cast<std::uint64_t>(info.st_blocks) * 512;
  const std::uint64_t room = disk.f_bavail * disk.f_frsize + before;
  const std::uint64_t kept = before > 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
  std::shared_ptr<Reserve> reserve(
      new Reserve(std::move(file),
                  std::min(std::max(kept, std::min(bytes, room / 8)), longest_file()) / kLeast * kLeast));
  if (::fallocate(reserve->file_.get(), FALLOC_FL_KEEP_SIZE, 0, 1) != 0 &&
      (errno == EOPNOTSUPP || errno == ENOSYS)) {
    return std::shared_ptr<Reserve>(new Reserve(Descriptor(-1), 0));
  }
  reserve->refill();
  return reserve;
}

bool Reserve::may_grow() {
  if (held_ > bytes_ / 4) return true;
  const MutexLock lock(mutex_);
  if (bytes_ == 0) return true;
  if (users_ > 0) return false;
  const auto now = Ticks::now();
  if (now - looked_ >= kPauseBetweenLooks) {
    looked_ = now;
    take_back();
  }
  return held_ > bytes_ / 4;
}

bool Reserve::release() {
  const MutexLock lock(mutex_);
  if (users_ == 0) {
    if (held_ == 0 || ::ftruncate(file_.get(), 0) != 0) return false;
    held_ = 0;
  }
  ++users_;
  return true;
}

void Reserve::refill() {
  const MutexLock lock(mutex_);
  if (users_ > 0 && --users_ > 0) return;
  take_back();
}

void Reserve::take_back() {
  // All that there is, or who grows would have what is left over.
  for (std::uint64_t more = bytes_ - held_; more >= kLeast && held_ < bytes_;) {
    if (::fallocate(file_.get(), 0, static_cast<off_t>(held_), static_cast<off_t>(more)) == 0) {
      held_ += more;
      more = std::min(more, bytes_ - held_);
    } else if (errno != EINTR) {
      more /= 2;
    }
  }
}

}  // namespace sightline::store
