#pragma once
// Where the master keys that seal secrets come from.
//
// A key file is text: a key a line, its id, white space, 32 bytes in Base64; empty lines and lines that begin
// with # are passed over. The first key seals, all open (SecretKeys).

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/secrets.h"

namespace sightline {

/// The name of the key file in the data folder, and of the systemd credential (LoadCredential=).
inline constexpr std::string_view kKeyFileName = "sightline-key";

struct KeyPlaces {
  std::filesystem::path key_file;     ///< --key-file; empty: none
  std::filesystem::path credentials;  ///< $CREDENTIALS_DIRECTORY; empty: none
  std::filesystem::path data;         ///< the data folder, which must exist
};

/// The keys of the first of: the key file, the credential, the file in the data folder, which is made where
/// it is not there. A file in the data folder protects copies of single files (a table sent for help, a
/// backup that leaves it out), not the folder as a whole: who has that has the key. With the other two the
/// folder is by itself worth nothing to a thief, and lost without them: keep a copy elsewhere.
///
/// The file must be a regular one of this user or root that no other user may read or write (0600, 0400); a
/// credential may be readable to its group, as systemd's access lists look like that. Where the data folder
/// has a key of its own beside another place's, that one still opens, behind the others, so that moving the
/// key out of the folder needs no more than sealing anew. Errors: permission_denied (the file's mode or
/// owner), corrupt (its text), not_found and others of the system.
[[nodiscard]] Result<SecretKeys> load_keys(const KeyPlaces& places, Random& random);

/// Reads a key file's text. Errors: corrupt; the message names `path` and the line, never a key.
[[nodiscard]] Result<std::vector<MasterKey>> parse_keys(std::string_view text,
                                                        const std::filesystem::path& path);

}  // namespace sightline
