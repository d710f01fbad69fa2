/**
 * What readers of JUnit XML agree on, as an XML Schema: of the schema of Windy Road (Ant's reports) and of that of Jenkins'
 * xUnit plugin (`junit-10.xsd`), wherever they differ, the stricter rule. Written anew from their rules.
 *
 * @module
 */

const string = (name: string, type = 'xs:string'): string =>
  `<xs:attribute name="${name}" type="${type}" use="required"/>`;
const details = (name: string): string =>
  `<xs:element name="${name}"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">${string('type')}${string('message')}</xs:extension></xs:simpleContent></xs:complexType></xs:element>`;

export const JUNIT_SCHEMA = `<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:simpleType name="word"><xs:restriction base="xs:string"><xs:pattern value="\\S+( \\S+)*"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="seconds"><xs:restriction base="xs:decimal"><xs:pattern value="[0-9]+(\\.[0-9]{1,3})?"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="instant"><xs:restriction base="xs:dateTime"><xs:pattern value="\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d"/></xs:restriction></xs:simpleType>
  <xs:complexType name="property">${string('name', 'word')}${string('value')}</xs:complexType>
  <xs:complexType name="testcase">
    <xs:choice minOccurs="0">
      <xs:element name="skipped"><xs:complexType>${string('message')}</xs:complexType></xs:element>
      ${details('error')}
      ${details('failure')}
    </xs:choice>
    ${string('name', 'word')}${string('classname', 'word')}${string('time', 'seconds')}
  </xs:complexType>
  <xs:complexType name="testsuite">
    <xs:sequence>
      <xs:element name="properties"><xs:complexType><xs:sequence>
        <xs:element name="property" type="property" maxOccurs="unbounded"/>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="testcase" type="testcase" minOccurs="0" maxOccurs="unbounded"/>
      <xs:element name="system-out" type="xs:string"/>
      <xs:element name="system-err" type="xs:string"/>
    </xs:sequence>
    ${['name', 'package', 'hostname'].map((name) => string(name, 'word')).join('')}
    ${['id', 'tests', 'failures', 'errors', 'skipped'].map((name) => string(name, 'xs:nonNegativeInteger')).join('')}
    ${string('timestamp', 'instant')}${string('time', 'seconds')}
  </xs:complexType>
  <xs:element name="testsuites"><xs:complexType><xs:sequence>
    <xs:element name="testsuite" type="testsuite" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
`;
