use super::*;

#[test]
fn the_documents_of_a_passport_come_in_the_order_of_their_numbers() {
	ExtBuilder::build_and_execute(|| {
		for seed in 0..20 {
			assert_ok!(anchor(MAKER, FIRST, seed));
		}
		assert_ok!(anchor(MAKER, SECOND, 77));
		assert_ok!(withdraw(MAKER, FIRST, 3));
		let numbers: Vec<_> = Documents::documents(FIRST)
			.into_iter()
			.map(|(number, _)| number)
			.collect();
		let expected: Vec<_> = (0..20).filter(|number| *number != 3).collect();
		assert_eq!(numbers, expected);
		assert_eq!(Documents::documents(NONE), []);
	});
}

#[test]
fn a_document_is_found_by_number_and_by_address() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(anchor(MAKER, FIRST, 1));
		assert_ok!(anchor(MAKER, FIRST, 2));
		assert_eq!(Documents::find(FIRST, address(2)), Some(1));
		assert_eq!(
			Documents::document(FIRST, 1).map(|document| document.content_address),
			Some(address(2))
		);
		assert_eq!(Documents::find(SECOND, address(2)), None);
		assert_eq!(Documents::document(SECOND, 1), None);
	});
}
