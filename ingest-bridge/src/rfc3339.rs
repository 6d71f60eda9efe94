//! Times as the protocol writes them: `2025-01-15T10:30:00Z` (RFC 3339 section 5.6).

/// Days before 1970-01-01 in the proleptic Gregorian calendar, from 0000-03-01.
const DAYS_BEFORE_1970: i64 = 719_468;

/// Seconds since 1970 of a date and time with its offset; the fraction of a second is cut off. A leap second is the second after.
/// `None`: it is none, has no offset, or is before 1970.
pub fn unix_seconds(text: &str) -> Option<u64> {
	let bytes = text.as_bytes();
	let number = |from: usize, length: usize| -> Option<i64> {
		let digits = bytes.get(from..from + length)?;
		digits.iter().all(u8::is_ascii_digit).then(|| {
			digits
				.iter()
				.fold(0, |value, digit| value * 10 + i64::from(digit - b'0'))
		})
	};
	let is = |place: usize, wanted: &[u8]| bytes.get(place).is_some_and(|byte| wanted.contains(byte));
	if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
		return None;
	}
	let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
	let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
	if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
		return None;
	}
	if hour > 23 || minute > 59 || second > 60 {
		return None;
	}
	let mut place = 19;
	if is(place, b".") {
		let digits = bytes
			.get(place + 1..)?
			.iter()
			.take_while(|byte| byte.is_ascii_digit())
			.count();
		if digits == 0 {
			return None;
		}
		place += 1 + digits;
	}
	let offset_minutes = if is(place, b"Zz") {
		place += 1;
		0
	} else {
		let sign = match bytes.get(place)? {
			b'+' => 1,
			b'-' => -1,
			_ => return None,
		};
		let (hours, minutes) = (number(place + 1, 2)?, number(place + 4, 2)?);
		if !is(place + 3, b":") || hours > 23 || minutes > 59 {
			return None;
		}
		place += 6;
		sign * (60 * hours + minutes)
	};
	if place != bytes.len() {
		return None;
	}
	let seconds = 86_400 * days_since_1970(year, month, day) + 3_600 * hour + 60 * minute + second;
	u64::try_from(seconds - 60 * offset_minutes).ok()
}

const fn is_leap_year(year: i64) -> bool {
	year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in(year: i64, month: i64) -> i64 {
	match month {
		2 if is_leap_year(year) => 29,
		2 => 28,
		4 | 6 | 9 | 11 => 30,
		_ => 31,
	}
}

/// Years are counted from March, so that the leap day is the last of its year; 400 of them have 146,097 days.
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
	let year = if month <= 2 { year - 1 } else { year };
	let month = (month + 9) % 12;
	let day_of_year = (153 * month + 2) / 5 + day - 1;
	year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
		- DAYS_BEFORE_1970
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn known_times_are_read() {
		for (text, seconds) in [
			("1970-01-01T00:00:00Z", 0),
			("2000-02-29T12:00:00Z", 951_825_600),
			("2025-01-15T10:30:00Z", 1_736_937_000),
			("2025-01-15t10:30:00z", 1_736_937_000),
			("2025-01-15 10:30:00.123456789Z", 1_736_937_000),
			("2025-01-15T19:30:00+09:00", 1_736_937_000),
			("2025-01-15T00:00:00-10:30", 1_736_937_000),
			// RFC 3339 section 5.8.
			("1985-04-12T23:20:50.52Z", 482_196_050),
			("1996-12-19T16:39:57-08:00", 851_042_397),
			("1990-12-31T23:59:60Z", 662_688_000),
			("9999-12-31T23:59:59Z", 253_402_300_799),
		] {
			assert_eq!(unix_seconds(text), Some(seconds), "{text}");
		}
	}

	#[test]
	fn what_is_no_time_or_has_no_offset_is_none() {
		for text in [
			"",
			"2025",
			"2025-01-15",
			"2025-01-15T10:30:00",
			"2025-01-15T10:30Z",
			"2025-01-15T10:30:00.Z",
			"2025-01-15T10:30:00Zulu",
			"2025-01-15T10:30:00+0900",
			"2025-01-15T10:30:00+24:00",
			"2025-01-15T10:30:00+09:60",
			"2025-13-15T10:30:00Z",
			"2025-00-15T10:30:00Z",
			"2025-02-29T10:30:00Z",
			"2100-02-29T10:30:00Z",
			"2025-04-31T10:30:00Z",
			"2025-01-00T10:30:00Z",
			"2025-01-15T24:00:00Z",
			"2025-01-15T10:60:00Z",
			"2025-01-15T10:30:61Z",
			"1969-12-31T23:59:59Z",
			"1970-01-01T00:00:00+00:01",
			"２025-01-15T10:30:00Z",
			"-025-01-15T10:30:00Z",
			"2025-01-15T10:30:00\u{660}Z",
		] {
			assert_eq!(unix_seconds(text), None, "{text}");
		}
	}

	/// Against counting: every day of five centuries is the day after the one before.
	#[test]
	fn every_day_has_the_number_after_the_day_before() {
		let mut days = 0;
		for year in 1970..2470 {
			for month in 1..=12 {
				for day in 1..=days_in(year, month) {
					assert_eq!(days_since_1970(year, month, day), days, "{year}-{month}-{day}");
					days += 1;
				}
			}
		}
	}
}
