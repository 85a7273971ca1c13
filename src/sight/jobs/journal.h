#pragma once
// A job's detections on disk, so that a worker that was killed is followed by one that need not look again.
//
// Decoding and following are repeated: they are cheap and deterministic, so the same detections give the same
// results.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"
#include "sight/jobs/records.h"

namespace sightline::jobs {

/// Records, the first of them a Hello. Of one thread; of one process at a time.
class Journal {
 public:
  /// Takes up what is whole of the file, or makes one (mode 0600).
  static Result<std::unique_ptr<Journal>> open(const std::filesystem::path& path);

  /// The file for a worker, to be read only from its start.
  [[nodiscard]] Result<Descriptor> open_for_worker() const;
  /// What was written under another key goes. A worker that reads the file decides alike.
  [[nodiscard]] Result<void> greet(const Hello& hello);
  /// With a lower ordinal than the next one, the worker has left what was written: the rest goes. Errors:
  /// corrupt (an ordinal that leaves a gap, or nothing was greeted), no_space, io.
  [[nodiscard]] Result<void> add(const Detection& detection);
  [[nodiscard]] std::size_t detections() const { return starts_.size(); }

 private:
  Journal(std::filesystem::path path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
  [[nodiscard]] Result<void> take_up();
  [[nodiscard]] Result<void> cut(std::uint64_t size);
  [[nodiscard]] Result<void> append(const Record& record);

  std::filesystem::path path_;
  Descriptor file_;
  bool greeted_ = false;
  std::string key_;
  std::uint64_t size_ = 0;
  std::vector<std::uint64_t> starts_;  ///< of each detection
};

}  // namespace sightline::jobs
