#include "base/digest.h"

#include <openssl/evp.h>

#include <new>

namespace sightline {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

const EVP_MD* algorithm(DigestKind kind) {
  switch (kind) {
    case DigestKind::md5:
      return EVP_md5();
    case DigestKind::sha1:
      return EVP_sha1();
    case DigestKind::sha256:
      break;
  }
  return EVP_sha256();
}

}  // namespace

struct Digest::State {
  std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
};

Digest::Digest(DigestKind kind) : state_(std::make_unique<State>()) {
  // Both fail only for want of memory.
  if (!state_->context || EVP_DigestInit_ex(state_->context.get(), algorithm(kind), nullptr) != 1)
    throw std::bad_alloc();
}
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;
Digest::~Digest() = default;

void Digest::update(std::span<const char> bytes) {
  EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size());
}

Bytes Digest::finish() {
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned length = 0;
  EVP_DigestFinal_ex(state_->context.get(), out.data(), &length);
  out.resize(length);
  return out;
}

}  // namespace sightline
