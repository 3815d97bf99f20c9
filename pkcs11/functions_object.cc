// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "pkcs11/functions.h"
#include "pkcs11/with_session.h"

namespace fncard::pkcs11 {

namespace {

constexpr CK_ULONG kLongestValue = CK_ULONG{1} << 20U;

/// A template whose values can be read.
Result<std::span<const CK_ATTRIBUTE>> readTemplate(const CK_ATTRIBUTE* attributes, CK_ULONG count) {
  if (attributes == nullptr && count != 0) {
    return nullArgument("template");
  }
  const std::span<const CK_ATTRIBUTE> all(attributes, count);
  if (std::ranges::any_of(all, [](const CK_ATTRIBUTE& each) {
        return each.pValue == nullptr && each.ulValueLen != 0;
      })) {
    return nullArgument("value of an attribute");
  }
  if (std::ranges::any_of(all, [](const CK_ATTRIBUTE& each) {
        return each.ulValueLen > kLongestValue;  // also CK_UNAVAILABLE_INFORMATION
      })) {
    return refuse(CKR_ATTRIBUTE_VALUE_INVALID, "length of an attribute");
  }
  return all;
}

/// One attribute of C_GetAttributeValue; its own length is set in any case (§5.7.5).
Status giveAttribute(const Object& object, CK_ATTRIBUTE& wanted) {
  const auto value = object.attribute(wanted.type);
  if (!value) {
    wanted.ulValueLen = CK_UNAVAILABLE_INFORMATION;
    return Refusal(value.error());
  }
  if (wanted.pValue != nullptr) {
    if (wanted.ulValueLen < value->size()) {
      wanted.ulValueLen = CK_UNAVAILABLE_INFORMATION;
      return refuse(CKR_BUFFER_TOO_SMALL, "the buffer is too small");
    }
    std::ranges::copy(*value, static_cast<CK_BYTE*>(wanted.pValue));
  }
  wanted.ulValueLen = value->size();
  return {};
}

/// A handle that came out, or the failure.
Status give(Result<CK_OBJECT_HANDLE> made, CK_OBJECT_HANDLE_PTR object) {
  if (!made) {
    return passOn(made);
  }
  *object = *made;
  return {};
}

}  // namespace

Status createObject(CK_SESSION_HANDLE handle, CK_ATTRIBUTE_PTR attributes, CK_ULONG count,
                    CK_OBJECT_HANDLE_PTR object) {
  return withSession(handle, [&](Session& session) -> Status {
    if (object == nullptr) {
      return nullArgument("object");
    }
    auto given = readTemplate(attributes, count);
    return given ? give(session.createObject(*given), object) : passOn(given);
  });
}

Status copyObject(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR attributes,
                  CK_ULONG count, CK_OBJECT_HANDLE_PTR copy) {
  return withSession(handle, [&](Session& session) -> Status {
    if (copy == nullptr) {
      return nullArgument("object");
    }
    auto given = readTemplate(attributes, count);
    return given ? give(session.copyObject(object, *given), copy) : passOn(given);
  });
}

Status destroyObject(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object) {
  return withSession(handle, [&](Session& session) { return session.destroyObject(object); });
}

Status getObjectSize(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ULONG_PTR size) {
  return withSession(handle, [&](Session& session) -> Status {
    if (size == nullptr) {
      return nullArgument("size");
    }
    auto found = session.object(object);
    if (!found) {
      return passOn(found);
    }
    *size = (*found)->size();
    return {};
  });
}

Status getAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object,
                         CK_ATTRIBUTE_PTR attributes, CK_ULONG count) {
  return withSession(handle, [&](Session& session) -> Status {
    if (attributes == nullptr && count != 0) {
      return nullArgument("template");
    }
    auto found = session.object(object);
    if (!found) {
      return passOn(found);
    }
    Status status;
    for (CK_ATTRIBUTE& attribute : std::span(attributes, count)) {
      if (auto given = giveAttribute(**found, attribute); !given && status) {
        status = std::move(given);
      }
    }
    return status;
  });
}

Status setAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object,
                         CK_ATTRIBUTE_PTR attributes, CK_ULONG count) {
  return withSession(handle, [&](Session& session) -> Status {
    auto given = readTemplate(attributes, count);
    return given ? session.setAttributes(object, *given) : passOn(given);
  });
}

Status findObjectsInit(CK_SESSION_HANDLE handle, CK_ATTRIBUTE_PTR attributes, CK_ULONG count) {
  return withSession(handle, Look::First, [&](Provider&, Session& session) -> Status {
    auto wanted = readTemplate(attributes, count);
    return wanted ? session.findInit(*wanted) : passOn(wanted);
  });
}

Status findObjects(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE_PTR objects, CK_ULONG room,
                   CK_ULONG_PTR count) {
  return withSession(handle, [&](Session& session) -> Status {
    if (count == nullptr || (objects == nullptr && room != 0)) {
      return nullArgument("objects or count");
    }
    auto found = session.find(std::span(objects, room));
    if (!found) {
      return passOn(found);
    }
    *count = *found;
    return {};
  });
}

Status findObjectsFinal(CK_SESSION_HANDLE handle) {
  return withSession(handle, [](Session& session) { return session.findFinal(); });
}

Status deriveKey(CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key,
                 CK_ATTRIBUTE_PTR attributes, CK_ULONG count, CK_OBJECT_HANDLE_PTR derived) {
  return withSession(handle, [&](Session& session) -> Status {
    if (mechanism == nullptr || derived == nullptr) {
      return nullArgument("mechanism or key");
    }
    auto wanted = readTemplate(attributes, count);
    if (!wanted) {
      return passOn(wanted);
    }
    return give(session.deriveKey(*mechanism, key, *wanted), derived);
  });
}

}  // namespace fncard::pkcs11
