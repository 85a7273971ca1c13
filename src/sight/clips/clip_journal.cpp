#include "sight/clips/clip_journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <type_traits>

#include "base/descriptor.h"
#include "base/sha256.h"

namespace sightline::clips {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kChunkMagic = "SLCHUNK1";
constexpr std::uint32_t kMaxPacket = 256U << 20;
constexpr std::uint32_t kMaxFaces = 1U << 16;
constexpr std::size_t kFlushAt = 1 << 20;

template <typename T>
void put(Bytes& bytes, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto* from = reinterpret_cast<const std::uint8_t*>(&value);
  bytes.insert(bytes.end(), from, from + sizeof(T));
}

template <typename T>
bool get(std::istream& file, T& value) {
  return static_cast<bool>(file.read(reinterpret_cast<char*>(&value), sizeof(T)));
}

struct DetectionHead {
  std::int64_t frame;
  std::uint32_t pass;
  std::uint32_t faces;
};

/// A face as it lies in the journal: the same machine writes and reads it.
using FaceRecord = std::array<float, 16>;

FaceRecord to_record(const analysis::Face& face) {
  FaceRecord record = {face.box.x, face.box.y, face.box.width, face.box.height, face.score, face.confidence};
  for (std::size_t i = 0; i < face.landmarks.size(); ++i) {
    record[6 + 2 * i] = face.landmarks[i].x;
    record[7 + 2 * i] = face.landmarks[i].y;
  }
  return record;
}

analysis::Face from_record(const FaceRecord& record) {
  analysis::Face face{{record[0], record[1], record[2], record[3]}, record[4], record[5], {}};
  for (std::size_t i = 0; i < face.landmarks.size(); ++i)
    face.landmarks[i] = {record[6 + 2 * i], record[7 + 2 * i]};
  return face;
}

}  // namespace

ClipJournal::ClipJournal(fs::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}

ClipJournal::~ClipJournal() {
  if (detections_ >= 0) ::close(detections_);
  if (lock_ >= 0) ::close(lock_);
}

Result<std::unique_ptr<ClipJournal>> ClipJournal::open(const fs::path& folder, const std::string& key) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return std::unexpected(system_error("create the folder", folder, errno));
  }
  struct stat info{};
  // lstat: a link planted here could lead the journal, which shows clear faces' places, elsewhere.
  if (::lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != ::geteuid()) {
    return fail(ErrorKind::permission_denied,
                fmt::format("'{}' is not a folder of yours; remove it or use --no-resume", folder.string()));
  }
  ::chmod(folder.c_str(), 0700);
  const int lock = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock < 0) return std::unexpected(system_error("open the folder", folder, errno));
  std::unique_ptr<ClipJournal> journal(new ClipJournal(folder, lock));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return fail(
        ErrorKind::already_exists,
        fmt::format(
            "another run is writing the same output (it holds '{}'); wait for it or choose another -o",
            folder.string()));
  }
  TRY(journal->take_up(key));
  return journal;
}

Result<void> ClipJournal::take_up(const std::string& key) {
  const fs::path key_path = folder_ / "key";
  const auto found = read_file(key_path, 1 << 20);
  if (!found || std::string_view(reinterpret_cast<const char*>(found->data()), found->size()) != key) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder_, failed)) fs::remove_all(entry.path(), failed);
    const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(key.data()), key.size());
    return write_file_atomically(key_path, bytes, true, 0600);
  }
  // What a killed run was writing bears a hidden name.
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    if (entry.path().filename().string().starts_with('.')) fs::remove(entry.path(), ignored);
  }
  while (ChunkReader::open(chunk_path(whole_chunks_))) ++whole_chunks_;
  replayed_.open(folder_ / "detections", std::ios::binary);
  replaying_ = replayed_.is_open();
  return {};
}

Result<void> ClipJournal::discard(const fs::path& folder) {
  struct stat info{};
  if (::lstat(folder.c_str(), &info) != 0) return {};
  std::error_code failed;
  fs::remove_all(folder, failed);
  if (failed) return std::unexpected(system_error("remove", folder, failed.value()));
  return {};
}

std::optional<std::vector<analysis::Face>> ClipJournal::replay(std::int64_t frame, tracking::Pass pass) {
  if (!replaying_) return std::nullopt;
  DetectionHead head{};
  std::vector<FaceRecord> records;
  std::uint64_t check = 0;
  bool whole = get(replayed_, head) && head.faces <= kMaxFaces && head.frame == frame &&
               head.pass == static_cast<std::uint32_t>(pass);
  if (whole) {
    records.resize(head.faces);
    whole = static_cast<bool>(
                replayed_.read(reinterpret_cast<char*>(records.data()),
                               static_cast<std::streamsize>(records.size() * sizeof(FaceRecord)))) &&
            get(replayed_, check) && check == static_cast<std::uint64_t>(frame) * 2654435761U + head.faces;
  }
  if (!whole) {
    replaying_ = false;
    replayed_.close();
    return std::nullopt;
  }
  replayed_bytes_ = replayed_.tellg();
  std::vector<analysis::Face> faces;
  faces.reserve(records.size());
  for (const FaceRecord& record : records) faces.push_back(from_record(record));
  return faces;
}

Result<void> ClipJournal::record(std::int64_t frame, tracking::Pass pass,
                                 const std::vector<analysis::Face>& faces) {
  const fs::path path = folder_ / "detections";
  if (detections_ < 0) {
    detections_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (detections_ < 0) return std::unexpected(system_error("write", path, errno));
    // What follows the last replayed answer is torn or belongs to another course of events.
    if (::ftruncate(detections_, replayed_bytes_) != 0 || ::lseek(detections_, 0, SEEK_END) < 0) {
      return std::unexpected(system_error("write", path, errno));
    }
  }
  Bytes bytes;
  put(bytes,
      DetectionHead{frame, static_cast<std::uint32_t>(pass), static_cast<std::uint32_t>(faces.size())});
  for (const analysis::Face& face : faces) put(bytes, to_record(face));
  put(bytes, static_cast<std::uint64_t>(static_cast<std::uint64_t>(frame) * 2654435761U + faces.size()));
  return write_all(detections_, bytes, path);
}

fs::path ClipJournal::chunk_path(int chunk) const {
  return folder_ / fmt::format("chunk-{:06}", chunk);
}

Result<void> ClipJournal::remove() {
  return discard(folder_);
}

Result<ChunkWriter> ChunkWriter::create(const fs::path& path, const Bytes& extradata) {
  ChunkWriter writer(TRY(PendingFile::create(path, 0600)));
  writer.buffer_.insert(writer.buffer_.end(), kChunkMagic.begin(), kChunkMagic.end());
  put(writer.buffer_, static_cast<std::uint32_t>(extradata.size()));
  writer.buffer_.insert(writer.buffer_.end(), extradata.begin(), extradata.end());
  return writer;
}

Result<void> ChunkWriter::add(const media::EncodedPacket& packet) {
  put(buffer_, packet.pts);
  put(buffer_, static_cast<std::uint32_t>(packet.data.size()));
  put(buffer_, static_cast<std::uint8_t>(packet.keyframe));
  buffer_.insert(buffer_.end(), packet.data.begin(), packet.data.end());
  ++packets_;
  if (buffer_.size() < kFlushAt) return {};
  TRY(file_.write(buffer_));
  buffer_.clear();
  return {};
}

Result<void> ChunkWriter::finish() {
  put(buffer_, packets_);
  buffer_.insert(buffer_.end(), kChunkMagic.begin(), kChunkMagic.end());
  TRY(file_.write(buffer_));
  return file_.commit(true);
}

Result<ChunkReader> ChunkReader::open(const fs::path& path) {
  ChunkReader reader;
  reader.path_ = path;
  reader.file_.open(path, std::ios::binary);
  const auto damaged = [&] {
    return fail(ErrorKind::corrupt,
                fmt::format("'{}' is damaged; run again with --no-resume", path.string()));
  };
  if (!reader.file_) return std::unexpected(system_error("read", path, errno != 0 ? errno : EIO));
  std::array<char, 8> magic{};
  const auto is_magic = [&] { return std::string_view(magic.data(), magic.size()) == kChunkMagic; };
  reader.file_.seekg(-static_cast<std::streamoff>(magic.size() + sizeof(std::uint32_t)), std::ios::end);
  if (!get(reader.file_, reader.left_) || !get(reader.file_, magic) || !is_magic()) return damaged();
  reader.file_.seekg(0);
  std::uint32_t size = 0;
  if (!get(reader.file_, magic) || !is_magic() || !get(reader.file_, size) || size > kMaxPacket)
    return damaged();
  reader.extradata_.resize(size);
  if (!reader.file_.read(reinterpret_cast<char*>(reader.extradata_.data()), size)) return damaged();
  return reader;
}

Result<std::optional<ChunkReader::Head>> ChunkReader::next_head() {
  if (left_ == 0) return std::optional<Head>();
  Head head{};
  std::uint8_t keyframe = 0;
  if (!get(file_, head.pts) || !get(file_, head.size) || !get(file_, keyframe) || head.size > kMaxPacket) {
    return fail(ErrorKind::corrupt,
                fmt::format("'{}' is damaged; run again with --no-resume", path_.string()));
  }
  head.keyframe = keyframe != 0;
  --left_;
  return head;
}

Result<std::optional<media::EncodedPacket>> ChunkReader::next() {
  const std::optional<Head> head = TRY(next_head());
  if (!head) return std::optional<media::EncodedPacket>();
  media::EncodedPacket packet{Bytes(head->size), head->pts, head->keyframe};
  if (!file_.read(reinterpret_cast<char*>(packet.data.data()), head->size)) {
    return fail(ErrorKind::corrupt,
                fmt::format("'{}' is damaged; run again with --no-resume", path_.string()));
  }
  return packet;
}

Result<std::optional<std::int64_t>> ChunkReader::next_pts() {
  const std::optional<Head> head = TRY(next_head());
  if (!head) return std::optional<std::int64_t>();
  file_.seekg(head->size, std::ios::cur);
  return head->pts;
}

}  // namespace sightline::clips
