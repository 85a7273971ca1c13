#pragma once
// The folder that holds everything a server keeps; one server at a time.

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "base/descriptor.h"
#include "base/result.h"

namespace sightline::server {

/// Held open and locked while the server runs; the lock goes with the process, however it ends.
class DataFolder {
 public:
  /// Made if need be, mode 0700. Errors: unavailable (another server has it), permission_denied, io.
  static Result<DataFolder> open(const std::filesystem::path& folder);
  /// A new folder below the system's temporary one, removed with its content by the destructor.
  static Result<DataFolder> make_temporary();
  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  DataFolder(std::filesystem::path path, Descriptor lock, bool temporary)
      : path_(std::move(path)), lock_(std::move(lock)), temporary_(temporary) {}

  std::filesystem::path path_;
  Descriptor lock_;
  bool temporary_;
};

/// A server on a data folder, as its lock tells.
struct ServerProcess {
  pid_t pid = 0;  ///< as the server itself knows it
  /// Whether that number means the same process here: not in another container, whose processes have numbers
  /// of their own.
  bool reachable = false;
};
/// The process that serves from `folder`; nullopt when none does.
[[nodiscard]] std::optional<ServerProcess> find_server(const std::filesystem::path& folder);

/// What root made in it a server that is not root could not read. Errors: permission_denied (the folder is
/// another user's), io.
[[nodiscard]] Result<void> check_owner(const std::filesystem::path& folder);

}  // namespace sightline::server
