#pragma once
// Metadata blocks of pictures as bytes: the orientation in EXIF, and copies of EXIF, XMP, IPTC and ICC
// blocks that hold no second picture. All readers are bounded and take hostile bytes.
//
// EXIF is a TIFF 6.0 stream (CIPA DC-008, Exif 2.32).

#include <cstdint>
#include <span>

#include "base/file.h"

namespace sightline::media {

/// The orientation (tag 274 of IFD0), 1..8; 1 where it is absent, out of range or unreadable.
[[nodiscard]] int exif_orientation(std::span<const std::uint8_t> tiff);

/// A TIFF stream with only the orientation tag.
[[nodiscard]] Bytes minimal_exif(int orientation);

/// Written anew with its ordinary tags and `orientation`. Not carried over: the thumbnail (IFD1), sub-images,
/// maker notes (many hold a preview picture) and any value that starts or contains a picture. minimal_exif
/// where nothing can be read.
[[nodiscard]] Bytes exif_without_pictures(std::span<const std::uint8_t> tiff, int orientation);

/// False for an XMP packet that embeds a picture or announces one behind the main picture (thumbnail,
/// depth or gain map, motion photo).
[[nodiscard]] bool xmp_is_picture_free(std::span<const std::uint8_t> xmp);

/// Of Photoshop image resource blocks, only the IPTC record (0x0404); empty where there is none.
[[nodiscard]] Bytes iptc_resource(std::span<const std::uint8_t> blocks);

/// The profile cut to the length that its header states; empty when it is no ICC profile.
[[nodiscard]] Bytes clean_icc(std::span<const std::uint8_t> profile);

/// `bytes` without a leading "Exif\0\0" (which some WebP and PNG writers put there).
[[nodiscard]] std::span<const std::uint8_t> without_exif_prefix(std::span<const std::uint8_t> bytes);

}  // namespace sightline::media
