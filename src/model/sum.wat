;; The sum of the Internet checksum (RFC 1071) of bytes in the memory that it is given, sixteen bytes at a time.
;;
;; (sum offset length): the ones' complement sum of the 16-bit words, taken as little-endian, folded to 16 bits. An odd last
;; byte counts as a word whose other byte is zero. `length` must be below 2^19: a lane of 32 bits takes two words of each
;; sixteen bytes, and so has room for 2^15 times as many.
;;
;; Built into sum-wasm.ts by scripts/build-wasm.mjs.
(module
  (import "packets" "memory" (memory 1 1024))
  (func (export "sum") (param $at i32) (param $length i32) (result i32)
    (local $end i32)
    (local $stop i32)
    (local $low v128)
    (local $high v128)
    (local $rest i64)
    (local.set $end (i32.add (local.get $at) (local.get $length)))

    ;; Blocks of 32 bytes, into two sums of four lanes each: one need not wait for the other.
    (local.set $stop (i32.sub (local.get $end) (i32.const 31)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_s (local.get $at) (local.get $stop)))
        (local.set $low
          (i32x4.add (local.get $low) (i32x4.extadd_pairwise_i16x8_u (v128.load align=1 (local.get $at)))))
        (local.set $high
          (i32x4.add (local.get $high) (i32x4.extadd_pairwise_i16x8_u (v128.load offset=16 align=1 (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 32)))
        (br $next)))

    ;; The lanes, added without loss.
    (local.set $rest
      (i64.add
        (i64.add
          (i64.add
            (i64.extend_i32_u (i32x4.extract_lane 0 (local.get $low)))
            (i64.extend_i32_u (i32x4.extract_lane 1 (local.get $low))))
          (i64.add
            (i64.extend_i32_u (i32x4.extract_lane 2 (local.get $low)))
            (i64.extend_i32_u (i32x4.extract_lane 3 (local.get $low)))))
        (i64.add
          (i64.add
            (i64.extend_i32_u (i32x4.extract_lane 0 (local.get $high)))
            (i64.extend_i32_u (i32x4.extract_lane 1 (local.get $high))))
          (i64.add
            (i64.extend_i32_u (i32x4.extract_lane 2 (local.get $high)))
            (i64.extend_i32_u (i32x4.extract_lane 3 (local.get $high)))))))

    ;; What is left, up to 31 bytes: word by word, then the odd byte.
    (local.set $stop (i32.sub (local.get $end) (i32.const 1)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_s (local.get $at) (local.get $stop)))
        (local.set $rest (i64.add (local.get $rest) (i64.load16_u align=1 (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 2)))
        (br $next)))
    (if (i32.lt_s (local.get $at) (local.get $end))
      (then (local.set $rest (i64.add (local.get $rest) (i64.load8_u (local.get $at))))))

    ;; Below 2^36: three folds with end-around carry make 16 bits.
    (local.set $rest
      (i64.add (i64.and (local.get $rest) (i64.const 0xffff)) (i64.shr_u (local.get $rest) (i64.const 16))))
    (local.set $rest
      (i64.add (i64.and (local.get $rest) (i64.const 0xffff)) (i64.shr_u (local.get $rest) (i64.const 16))))
    (i32.wrap_i64
      (i64.add (i64.and (local.get $rest) (i64.const 0xffff)) (i64.shr_u (local.get $rest) (i64.const 16))))))
