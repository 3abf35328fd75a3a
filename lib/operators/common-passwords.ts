/**
 * The passwords of ten characters and more that guessers try first, in lower case: keyboard walks, digits, and the
 * favourites of English and Chinese leaks (520 and 1314 sound like "I love you" and "for ever").
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `
  0000000000 00000000000 1111111111 11111111111 111111111111 2222222222 3333333333 4444444444 5555555555 6666666666
  7777777777 8888888888 88888888888 9999999999 99999999999 aaaaaaaaaa qqqqqqqqqq zzzzzzzzzz xxxxxxxxxx
  0123456789 01234567890 0987654321 09876543210 1234567890 12345678900 12345678901 12345678910 1234567891 1234567899
  12345678911 123456789123 1234567890123 12345678912 123456789012 1029384756 1122334455 112233445566 11223344556677
  1020304050 1212121212 121212121212 1231231231 123123123123 1234512345 123456123456 123456654321 1234554321
  12344321 1234567887654321 1234567890- 1234567890= 1357924680 1470258369 147258369 1472583690 1593572468 7894561230
  789456123 7891234560 3216549870 9876543210 98765432100 987654321a 9638527410 0147258369 1112223334 1123581321
  5201314520 52013145201314 52013141314 1314520520 13145201314 1314520131 5205201314 5201314123 1314521521 7758521521
  7758258520 7708801314 5211314521 5841314520 5201314abc 5201314aaa abc5201314 aaa5201314 qq5201314 a5201314520
  woaini1314 woaini520 woaini5201314 woaini521 woaini1314520 woaini5201 woaini1234 woaini123456 woaini123 woaini12345
  woainima1314 woaiwojia1 woaiwojia woaiwojia123 woaizhongguo woaimama123 woaibaba123 woaimeimei woaini1314521
  woshishui1 woshishei123 woshinibaba woshinidie woshizhu123 woxihuanni woxiangni1 aini1314520 aini520131 iloveyou1314
  iloveyou520 520iloveyou 1314iloveyou iloveyou5201314 wodemima123 mima123456 mimamima123 nihao123456 nihaonihao
  nihaoma123 beijing2008 beijing123 shanghai123 zhongguo123 zhongguo1949 zhongguo520 wangyut2000 tiantian123
  xiaoming123 xiaoxiao123 xiaolong123 xiaotian123 zhangsan123 lisi123456 wang123456 zhang123456 chen123456 liu123456
  li123456789 wo123456789 ai123456789 as123456789 aa123456789 abc1234567 abc12345678 abc123456789 abcd123456
  abcd12345678 abc123abc123 abcde12345 abcdef123456 abcdefghij abcdefghijk abcdefg123 abcdefg1234567 abcabcabc1
  a123456789 a1234567890 a12345678910 a1b2c3d4e5 a1s2d3f4g5 a123456789a aa12345678 aaa123456789 aaaa123456 aaa1234567
  q123456789 q1234567890 q1w2e3r4t5 q1w2e3r4t5y6 qaz123456789 qazwsx1234 qazwsx123456 qazwsxedcrfv qazwsxedcr qazxswedc1
  qazwsxedc123 1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qaz1qaz1qaz 1qazxsw23edc 1qaz@wsx3edc !qaz2wsx3edc zaq12wsxcde3
  zaq1zaq1zaq1 zaq1xsw2cde3 1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 123qweasdzxc 123qwe123qwe
  123qweasd123 qwe123asd456 qwe123qwe123 qweasdzxc123 qweasdzxc1 qwertyuiop qwertyuiop1 qwertyuiop123 qwertyuiop[]
  qwertyuiopasdfghjkl qwerty1234 qwerty12345 qwerty123456 qwerty123456789 qwertyuiop0 qwert12345 qwerty7890 qwer123456
  qwer1234qwer 1234qwerasdf 1234qwerty 12345qwert 123456qwerty asdfghjkl1 asdfghjkl; asdfghjkl123 asdfasdfasdf
  asdf123456 asd123456789 asd1234567 asdfgh123456 asdf1234asdf zxcvbnm123 zxcvbnm1234 zxcvbnm1234567 zxcvbnm,./
  zxcvbnm12345 zxcvbnmasdfghjkl zxc123456789 z123456789 zz123456789 w123456789 x123456789 s123456789 l123456789
  password01 password10 password11 password12 password123 password1234 password12345 password123456 password1!
  password123! passwordpassword passw0rd123 p@ssw0rd123 p@ssword123 p@ssw0rd1234 p@ssw0rd12 pa55word123 passwd1234
  passwd123456 mypassword mypassword1 newpassword newpassword1 yourpassword defaultpassword changeme123 changeme1234
  change_me_now letmein123 letmein1234 letmeinplease welcome123 welcome1234 welcome12345 welcome2024 welcome2025
  welcome2026 admin12345 admin123456 admin1234567 admin12345678 admin123admin admin@1234 admin@12345 admin@123456
  admin888888 admin666666 adminadmin adminadmin123 administrator administrator1 administrator123 root123456 root123456789
  rootroot123 system123456 test123456 test12345678 testtest123 test1234567 testpassword user123456 guest123456
  operator123 manager123 wechat1234 wechat12345 wechat123456 weixin1234 weixin12345 weixin123456 tencent123 huawei12345
  huawei@123 taobao123456 alibaba123 iloveyou12 iloveyou123 iloveyou1234 iloveyou2000 iloveyou12345 iloveyousomuch
  ilovejesus1 iloveyou!! princess123 princess12 sunshine123 sunshine12 football123 football12 baseball123 basketball
  basketball1 superman123 spiderman1 spiderman123 dragon12345 monkey12345 monkey123456 shadow12345 master12345
  master123456 michael123 jordan12345 charlie123 jennifer12 liverpool1 liverpool123 manchester manchester1 chelsea123
  volleyball skateboard motorcycle strawberry strawberry1 chocolate1 chocolate123 butterfly1 butterfly123 cheerleader
  computer123 internet123 samsung123 blink182blink pokemon123 starwars123 trustno1trustno1 whatever123 everything
  1234567890a 1234567890q 1234567890qwe 1234567890abc 123456789a 123456789aa 123456789abc 123456789asd 123456789qq
  123456789q 123456789z 123456789w 123456789s 123456789. 12345678a9 1234567a8 12345678ab 12345678abc 123456abcd
  123456abcdef 123456aaaa 123456abc123 1234abcd1234 qq123456789 qq1234567890 qq12345678 qqqq123456 qqqqqq123456
  `
    .split(/\s+/)
    .filter((password) => password.length >= 10),
);
