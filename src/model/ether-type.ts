/** EtherTypes (IEEE 802 numbers registry). */
export const EtherType = {
  IPV4: 0x0800,
  ARP: 0x0806,
  TRANSPARENT_BRIDGING: 0x6558,
  VLAN: 0x8100,
  IPV6: 0x86dd,
  PPP: 0x880b,
  MPLS: 0x8847,
  MPLS_MULTICAST: 0x8848,
  PPPOE_SESSION: 0x8864,
  /** 802.1ad service tag. */
  SERVICE_VLAN: 0x88a8,
  ERSPAN_II: 0x88be,
  /** Cisco FabricPath: two octets of tree and hop count, then the frame. */
  FABRIC_PATH: 0x8903,
  /** Tag of virtual interfaces (Cisco VN-Tag, 802.1BR before it was a standard). */
  VN_TAG: 0x8926,
  /** 802.1ah service instance tag; an Ethernet frame follows. */
  BACKBONE_TAG: 0x88e7,
  /** Service tags of before 802.1ad. */
  QINQ_9100: 0x9100,
  QINQ_9200: 0x9200,
} as const;
