// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>

#include "server/hsm/module.h"
#include "server/hsm/pin.h"

namespace fncard::server::hsm {

/// One logged-in token: its sessions and the handles of its keys. Thread-safe: each operation has a
/// session of its own.
class Token {
 public:
  using Bytes = std::vector<unsigned char>;
  using View = std::span<const unsigned char>;

  static Result<std::shared_ptr<Token>> open(const Options& options);
  ~Token();
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  /// Runs an operation in a session. When the HSM forgot the session or the login (it was switched
  /// off, the network went), logs in anew and runs it once more.
  CK_RV run(const std::function<CK_RV(CK_SESSION_HANDLE)>& operation);

  /// The one object of a class with a label; CK_INVALID_HANDLE when there is none.
  CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS objectClass, const std::string& label,
             CK_OBJECT_HANDLE& object);
  [[nodiscard]] CK_RV attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                CK_ATTRIBUTE_TYPE type, Bytes& value) const;

  /// C_Sign with the key of a label.
  Result<Bytes> sign(CK_OBJECT_CLASS objectClass, const std::string& label,
                     CK_MECHANISM_TYPE mechanism, View data);

  [[nodiscard]] const Module& module() const { return *module_; }

 private:
  Token(std::shared_ptr<Module> module, std::string label, Pin pin);

  CK_RV openSession(CK_SESSION_HANDLE& session);
  CK_RV login();  ///< under mutex_
  CK_RV renew(unsigned generation);
  CK_RV signOnce(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism,
                 View data, Bytes& signature) const;

  std::shared_ptr<Module> module_;
  std::string label_;
  Pin pin_;

  std::mutex mutex_;  ///< guards all below
  CK_SLOT_ID slot_ = 0;
  CK_SESSION_HANDLE keeper_ = CK_INVALID_HANDLE;  ///< holds the login while no session is in use
  std::vector<CK_SESSION_HANDLE> idle_;
  std::map<std::pair<CK_OBJECT_CLASS, std::string>, CK_OBJECT_HANDLE> handles_;
  unsigned generation_ = 0;  ///< counts logins: a handle or session of an older one is void
};

/// The slot of the one initialised token with a label.
Result<CK_SLOT_ID> findSlot(const Module& module, const std::string& label);

Error noSuchKey(const std::string& label);

}  // namespace fncard::server::hsm
