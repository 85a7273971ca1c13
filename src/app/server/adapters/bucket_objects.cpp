#include "app/server/adapters/bucket_objects.h"

#include <fmt/format.h>

#include <cerrno>

#include "aws/dispatch/permission.h"
#include "aws/s3/copy_source.h"
#include "base/file.h"
#include "base/nameless_file.h"

namespace sightline::server {
namespace {

constexpr std::size_t kCopiedAtOnce = std::size_t{1} << 20U;

Error error_of(const buckets::Failure& failure) {
  Error error = failure.error;
  const bool missing =
      failure.problem == buckets::Problem::no_such_bucket || failure.problem == buckets::Problem::no_such_key;
  if (missing) {
    error.kind = ErrorKind::not_found;
  } else if (error.kind == ErrorKind::not_found || error.kind == ErrorKind::permission_denied) {
    // Of a file of the store: nothing that the caller could have named.
    error.kind = ErrorKind::io;
  }
  return error;
}

/// Buckets have no versions: "null" is the one that S3 tells of then.
Result<void> check_version(const std::string& version) {
  if (version.empty() || version == "null") return {};
  return fail(ErrorKind::not_found, "no object has versions here");
}

/// Fills `into`, or says that the object is shorter than it said.
Result<void> read_all(buckets::ObjectReader& reader, std::uint64_t offset, std::span<char> into) {
  for (std::size_t done = 0; done < into.size();) {
    const std::size_t got = TRY(reader.read_at(offset + done, into.subspan(done)));
    if (got == 0) return fail(ErrorKind::io, "the object ended before its length");
    done += got;
  }
  return {};
}

}  // namespace

aws::rekognition::ReadObject object_reader(buckets::Buckets& buckets) {
  return [&buckets](const aws::dispatch::Context& context, const std::string& bucket, const std::string& key,
                    const std::string& version, std::size_t max_bytes) -> Result<Bytes> {
    TRY(check_version(version));
    const auto access = buckets.access(context.caller.account, bucket);
    if (!access) return fail(ErrorKind::not_found, "there is no such bucket");
    if (!aws::dispatch::may({"s3:GetObject", aws::s3::object_arn(bucket, key)}, context))
      return fail(ErrorKind::permission_denied, "the caller may not read the object");
    const auto reader = buckets.open({access->account, bucket, key});
    if (!reader) return std::unexpected(error_of(reader.error()));
    const std::uint64_t size = (*reader)->info().size;
    if (size > max_bytes) return fail(ErrorKind::too_large, "the object is larger than a picture may be");
    Bytes bytes(size);
    TRY(read_all(**reader, 0, {reinterpret_cast<char*>(bytes.data()), bytes.size()}));
    return bytes;
  };
}

Result<jobs::ObjectFacts> BucketObjects::find(const jobs::ObjectRequest& request) {
  TRY(check_version(request.clip.version));
  const auto info = buckets_.find({request.account, request.clip.bucket, request.clip.key});
  if (!info) return std::unexpected(error_of(info.error()));
  return jobs::ObjectFacts{info->size, info->etag};
}

Result<jobs::OpenedObject> BucketObjects::open(const jobs::ObjectRequest& request,
                                               const std::atomic<bool>& stop) {
  TRY(check_version(request.clip.version));
  const auto reader = buckets_.open({request.account, request.clip.bucket, request.clip.key});
  if (!reader) return std::unexpected(error_of(reader.error()));
  const buckets::ObjectInfo& info = (*reader)->info();
  if (auto stored = (*reader)->file()) return jobs::OpenedObject{std::move(*stored), {info.size, info.etag}};
  Descriptor file = TRY(nameless_file(folder_));
  std::vector<char> piece(kCopiedAtOnce);
  for (std::uint64_t done = 0; done < info.size;) {
    if (stop) return fail(ErrorKind::unavailable, "the server is stopping");
    const auto next = std::span(piece).first(std::min<std::uint64_t>(piece.size(), info.size - done));
    TRY(read_all(**reader, done, next));
    TRY(write_all(file.get(), {reinterpret_cast<const std::uint8_t*>(next.data()), next.size()},
                  folder_ / "a clip"));
    done += next.size();
  }
  return jobs::OpenedObject{std::move(file), {info.size, info.etag}};
}

}  // namespace sightline::server
