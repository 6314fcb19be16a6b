package io.gatehouse.jetty.admin;

import io.gatehouse.Refusal;

/** What a refusal is called in documents: the last part of the problem type that its caller gets (docs/problems.md). */
final class RefusalCode {

  private RefusalCode() {}

  static String of(Refusal.Reason reason) {
    return switch (reason) {
      case BAD_REQUEST -> "bad-request";
      case KEY_MISSING -> "key-missing";
      case KEY_MALFORMED -> "key-malformed";
      case KEY_UNKNOWN -> "key-invalid";
      case KEY_DISABLED -> "key-disabled";
      case KEY_EXPIRED -> "key-expired";
      case SIGNATURE_INVALID -> "signature-invalid";
      case URL_EXPIRED -> "url-expired";
      case ADDRESS_FORBIDDEN -> "address-forbidden";
      case SCOPE_MISSING -> "scope-missing";
      case NO_ROUTE -> "no-route";
      case BLOCKED -> "blocked";
      case FORBIDDEN -> "forbidden";
      case IMAGE_FORBIDDEN -> "image-forbidden";
      case RATE_LIMITED -> "rate-limit-exceeded";
      case REDUCED_CAPACITY -> "temporary-reduced-capacity";
      case ABNORMAL_USAGE -> "abnormal-usage-detected";
      case QUOTA_EXHAUSTED -> "quota-exceeded";
      case STORAGE_EXHAUSTED -> "storage-quota-exceeded";
      case STORE_UNAVAILABLE -> "store-unavailable";
    };
  }
}
