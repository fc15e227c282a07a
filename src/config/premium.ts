/**
 * Where a call costs whoever makes it more than a call, by the national numbering plans: premium and shared-revenue numbers of
 * countries in which fraud with them is common, satellite phones, and the worldwide ranges that belong to no country.
 */
export const premiumPrefixes = [
  '+1900,+1976',
  '+49900,+49137,+43900,+43901,+43930,+43931,+41900,+41901,+41906',
  '+449,+3389,+31900,+31906,+31909,+32900,+32902,+32903,+32904,+32905,+32906,+32907',
  '+34803,+34806,+34807,+34905,+3989,+39199,+48700,+48701,+48703,+48704,+48708',
  '+7809,+380900,+375902',
  '+870,+881,+882,+883,+979',
].join();
