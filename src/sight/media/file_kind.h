#pragma once
// What a file is, by its first bytes or by its name; and which ending the output that is made of it bears.
//
// One rule holds for every output: its ending says what it is. A picture is written in its own format, a clip
// in the container that the ending names; an ending that says neither is refused, never written.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sight/media/picture.h"

namespace sightline::media {

/// `picture` and `clip` include the kinds that are recognised but not handled here (HEIF, camera raw,
/// RealMedia): opening those fails with an error that says so. `other` is everything else, and what cannot be
/// recognised.
enum class FileKind { other, picture, clip };

/// How many bytes from a file's beginning file_kind() can make use of. Fewer will do where the file is
/// shorter.
inline constexpr std::size_t kFileHead = 512;

/// By content. A container of sound (M4A, OGG of Vorbis) is `other` where its first bytes say so.
[[nodiscard]] FileKind file_kind(std::span<const std::uint8_t> head);
/// By the ending of its name, in whatever case. Endings that name other things more often than not (.ogg,
/// .asf's .wma) are `other`.
[[nodiscard]] FileKind file_kind(const std::filesystem::path& name);
/// True for an ending of sound files, whose containers may be those of clips (.mka, .wma, .m4a).
[[nodiscard]] bool is_sound_name(const std::filesystem::path& name);

/// The ending of an output that is named after `input`, with its dot. The input's own where that says what
/// the output will be; else that of the output's format (.jpg for a JPEG called x.png, .mkv for an AVI, .mp4
/// for a 3GP). `head` as for file_kind(). A file that cannot be handled keeps its ending.
[[nodiscard]] std::string output_ending(const std::filesystem::path& input,
                                        std::span<const std::uint8_t> head);

/// invalid_argument unless the name `output` has an ending of `format`; the message lists them. `input` is
/// for that message.
[[nodiscard]] Result<void> check_picture_ending(const std::filesystem::path& output, PictureFormat format,
                                                std::string_view input);
/// The format that the ending of `name` says; nothing where it says none that is written here.
[[nodiscard]] std::optional<PictureFormat> picture_format_of(const std::filesystem::path& name);
/// The format that a picture with this beginning is written in: its own. Nothing where it is not handled.
[[nodiscard]] std::optional<PictureFormat> picture_format_of(std::span<const std::uint8_t> head);

}  // namespace sightline::media
