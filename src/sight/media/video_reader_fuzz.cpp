// Any bytes as a clip: opened, read for some frames, each looked at. Bounded in size, frames and threads.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "sight/media/video_reader.h"

namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr int kMaxFrames = 24;

/// A file without a name, closed at the end.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size) : fd_(::memfd_create("clip", MFD_CLOEXEC)) {
    whole_ = fd_ >= 0 && ::write(fd_, data, size) == static_cast<ssize_t>(size);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] bool whole() const { return whole_; }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
  bool whole_ = false;
};

void check(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sightline::media;
  if (size > kMaxBytes) return -1;
  const MemoryFile file(data, size);
  if (!file.whole()) return -1;
  auto reader = VideoReader::open(file.path(), 1);
  if (!reader) {
    check(!reader.error().message.empty());
    return 0;
  }
  const VideoInfo& info = reader->info();
  check(info.time_base.num > 0 && info.time_base.den > 0);
  FrameConverter converter;
  std::int64_t last = INT64_MIN;
  for (int i = 0; i < kMaxFrames; ++i) {
    const auto frame = reader->next();
    if (!frame || !*frame) break;
    check((*frame)->stored_size() == info.stored_size);
    check((*frame)->pts() > last);
    last = (*frame)->pts();
    const LumaImage luma = displayed_luma(**frame, info.orientation, i % 5);
    check(luma.size.width > 0);
    (void)converter.to_rgb(**frame, info.orientation, {64, 48});
  }
  return 0;
}
