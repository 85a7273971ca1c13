#pragma once
// Contents of any size, named by the store: files now, an S3-compatible store later.
//
// A blob is whole and durable once its writer has committed, and never changes. Who uses it keeps its id in a
// table; a crash between the two leaves a blob that nobody knows, which sweep() removes.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/random.h"
#include "base/result.h"

namespace sightline::store {

/// 32 lower-case hexadecimal digits.
class BlobId {
 public:
  /// nullopt when `text` is not an id: ids become file names.
  static std::optional<BlobId> parse(std::string_view text);
  static BlobId make(Random& random);
  [[nodiscard]] const std::string& text() const { return text_; }
  bool operator==(const BlobId&) const = default;

 private:
  explicit BlobId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// Of one thread. Destroyed without commit() it leaves nothing. Errors: no_space, io.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  [[nodiscard]] virtual Result<void> write(std::span<const char> bytes) = 0;
  /// Makes the content durable under its id. At most once; nothing may be written after it.
  [[nodiscard]] virtual Result<BlobId> commit() = 0;
};

/// Thread-safe. Stays readable when the blob is removed meanwhile.
class BlobReader {
 public:
  virtual ~BlobReader() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// How many bytes from `offset` on were read: fewer than asked for at the end alone.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const = 0;
  /// The blob as a file open for reading, of the caller's own; nullopt where the store has no such file.
  [[nodiscard]] virtual std::optional<Descriptor> file() const { return std::nullopt; }
};

/// Thread-safe.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<BlobWriter>> create() = 0;
  /// Errors: not_found.
  [[nodiscard]] virtual Result<std::unique_ptr<BlobReader>> open(const BlobId& id) = 0;
  /// A blob that is not there counts as removed.
  [[nodiscard]] virtual Result<void> remove(const BlobId& id) = 0;
  /// Removes the blobs that `in_use` does not know; returns how many. Once, at any time: what this process
  /// has written, and may be on its way from a writer to a table, is spared. Again only when nothing is under
  /// way.
  [[nodiscard]] virtual Result<std::size_t> sweep(const std::function<bool(const BlobId&)>& in_use,
                                                  std::stop_token stop) = 0;
};

/// Blobs as files (mode 0600) below `folder` (0700, made if need be), which belongs to this process alone.
/// What killed writers left behind goes at once.
[[nodiscard]] Result<std::unique_ptr<BlobStore>> open_blob_folder(const std::filesystem::path& folder,
                                                                  Random& random);

}  // namespace sightline::store
