// JSON as it is written, piece by piece. See world.hpp for the whole.
#pragma once

#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>

namespace everytale {

// Commas come by themselves: `object()` and `list()` open, `end()` closes; in an object every value follows its `key()`.
class Json {
public:
    Json &object() { return open('{', '}'); }
    Json &list() { return open('[', ']'); }
    Json &end() {
        text_ += closing_.back();
        closing_.pop_back();
        fresh_ = false;
        return *this;
    }
    Json &key(std::string_view name) {
        quoted(name);
        text_ += ':';
        fresh_ = true;
        return *this;
    }
    Json &text(std::string_view text) {
        quoted(text);
        return *this;
    }
    Json &whole(std::int64_t number) { return raw(std::to_string(number)); }
    Json &real(double number) {
        if (!std::isfinite(number)) return none();
        char digits[32];
        std::snprintf(digits, sizeof digits, "%.17g", number);
        return raw(digits);
    }
    Json &truth(bool value) { return raw(value ? "true" : "false"); }
    Json &none() { return raw("null"); }

    const std::string &str() const { return text_; }

private:
    Json &open(char opening, char closing) {
        comma();
        text_ += opening;
        closing_ += closing;
        fresh_ = true;
        return *this;
    }
    Json &raw(std::string_view piece) {
        comma();
        text_ += piece;
        return *this;
    }
    void comma() {
        if (!fresh_) text_ += ',';
        fresh_ = false;
    }
    void quoted(std::string_view text) {
        comma();
        text_ += '"';
        for (const char letter : text) {
            if (letter == '"' || letter == '\\') {
                text_ += '\\', text_ += letter;
            } else if (static_cast<unsigned char>(letter) < 0x20) {
                char escaped[8];
                std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned char>(letter));
                text_ += escaped;
            } else {
                text_ += letter;
            }
        }
        text_ += '"';
    }

    std::string text_, closing_;
    bool fresh_ = true;
};

}  // namespace everytale
