#include "sight/jobs/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace sightline::jobs {

Result<std::unique_ptr<Journal>> Journal::open(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0) return std::unexpected(system_error("write", path, errno));
  std::unique_ptr<Journal> journal(new Journal(path, std::move(file)));
  TRY(journal->take_up());
  return journal;
}

Result<void> Journal::take_up() {
  RecordReader reader;
  std::array<std::uint8_t, 64 * 1024> buffer;
  std::int64_t position = 0;
  bool whole = true;
  while (whole) {
    const ssize_t count = ::pread(file_.get(), buffer.data(), buffer.size(), position);
    if (count < 0) return std::unexpected(system_error("read", path_, errno));
    if (count == 0) break;
    position += count;
    reader.feed(std::span(buffer).first(static_cast<std::size_t>(count)));
    while (whole) {
      const std::uint64_t start = reader.consumed();
      const auto record = reader.next();
      whole = record.has_value();
      if (!whole || !*record) break;
      if (const auto* hello = std::get_if<Hello>(&**record); hello != nullptr && start == 0) {
        greeted_ = true;
        key_ = hello->key;
      } else if (std::holds_alternative<Detection>(**record) && greeted_) {
        starts_.push_back(start);
      } else {
        whole = false;
        break;
      }
      size_ = reader.consumed();
    }
  }
  return cut(size_);
}

Result<Descriptor> Journal::open_for_worker() const {
  Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0) return std::unexpected(system_error("read", path_, errno));
  return file;
}

Result<void> Journal::greet(const Hello& hello) {
  if (greeted_ && hello.key == key_) return {};
  TRY(cut(0));
  starts_.clear();
  key_ = hello.key;
  greeted_ = true;
  return append(hello);
}

Result<void> Journal::add(const Detection& detection) {
  const auto ordinal = static_cast<std::size_t>(detection.ordinal);
  if (!greeted_ || ordinal > starts_.size()) {
    return fail(ErrorKind::corrupt, "a worker's detections leave a gap");
  }
  if (ordinal < starts_.size()) {
    TRY(cut(starts_[ordinal]));
    starts_.resize(ordinal);
  }
  starts_.push_back(size_);
  return append(detection);
}

Result<void> Journal::cut(std::uint64_t size) {
  if (::ftruncate(file_.get(), static_cast<off_t>(size)) != 0 ||
      ::lseek(file_.get(), static_cast<off_t>(size), SEEK_SET) < 0) {
    return std::unexpected(system_error("write", path_, errno));
  }
  size_ = size;
  return {};
}

Result<void> Journal::append(const Record& record) {
  const Bytes bytes = encode(record);
  TRY(write_all(file_.get(), bytes, path_));
  size_ += bytes.size();
  return {};
}

}  // namespace sightline::jobs
