package org.lanegrad.activation;

/**
 * Coefficient d of interval k stands at 8·d + k; the last interval's are zero.
 *
 * <p>Weighted minimax fits of degree 8 by Lawson's algorithm, from 40 digits, rounded to float one
 * after the other from the lowest degree on.
 */
final class GeluCoefficients8 {
  // spotless:off
  /** Φ(−a): 6e−8 relative up to a = 3.7, 1e−11 absolute beyond. */
  static final float[] TAIL = {
    0x1.0p-1f, 0x1.4cbac2p-3f, 0x1.91424ap-6f, 0x1.9c51b6p-10f, 0x1.595672p-15f, 0x1.cc334ep-22f, 0x1.e104cap-30f, 0f,
    -0x1.988454p-2f, -0x1.f74c6ap-3f, -0x1.d696f4p-5f, -0x1.4def0ep-8f, -0x1.67acb8p-13f, -0x1.2600acp-19f, -0x1.6cb7eep-27f, 0f,
    0x1.2b7a28p-21f, 0x1.ef6ea8p-4f, 0x1.cf3cdep-5f, 0x1.ed12c6p-8f, 0x1.620e2ep-12f, 0x1.69c4p-18f, 0x1.0d48d4p-25f, 0f,
    0x1.104e6cp-4f, 0x1.4d1dcap-10f, -0x1.c32382p-6f, -0x1.adb63cp-8f, -0x1.b2b724p-12f, -0x1.1c97dcp-17f, -0x1.01fd64p-24f, 0f,
    0x1.378e5ep-14f, -0x1.4f405ap-6f, 0x1.0e5ed2p-8f, 0x1.d62b96p-9f, 0x1.70e6b8p-12f, 0x1.3ff93cp-17f, 0x1.663c9p-24f, 0f,
    -0x1.511fdcp-7f, 0x1.f5bbacp-9f, 0x1.48d898p-9f, -0x1.29ae06p-10f, -0x1.c2e29ap-13f, -0x1.0f1034p-17f, -0x1.78ea2ap-24f, 0f,
    0x1.7a62bp-11f, 0x1.0bd2dcp-9f, -0x1.643746p-10f, 0x1.4b90b4p-14f, 0x1.8b665cp-14f, 0x1.689b52p-18f, 0x1.45bf9ap-24f, 0f,
    0x1.84926cp-12f, -0x1.6becbap-11f, 0x1.16b2dep-14f, 0x1.b55eaap-14f, -0x1.bfc5dap-16f, -0x1.94ddaep-19f, -0x1.0f62bep-24f, 0f,
    0x1.296c3p-12f, -0x1.e9ce2p-16f, 0x1.a41118p-14f, -0x1.67a762p-15f, 0x1.7593c4p-19f, 0x1.43c06p-20f, 0x1.3736cap-25f, 0f,
  };

  /** Φ(−a) − a·φ(a): 7e−9 absolute. */
  static final float[] SLOPE = {
    0x1.0p-1f, -0x1.4568ecp-4f, -0x1.6aec06p-4f, -0x1.b988c2p-7f, -0x1.4c788ap-11f, -0x1.5b630ep-17f, -0x1.05cd44p-24f, 0f,
    -0x1.988454p-1f, -0x1.0373b2p-2f, 0x1.b96864p-4f, 0x1.188b36p-5f, 0x1.2f9036p-9f, 0x1.9864bep-15f, 0x1.76d57p-22f, 0f,
    0x1.2cbfb6p-20f, 0x1.776a92p-2f, 0x1.cb9d7p-8f, -0x1.22f8d8p-5f, -0x1.fd204ep-9f, -0x1.c94baap-14f, -0x1.03e97cp-20f, 0f,
    0x1.10535cp-2f, -0x1.355718p-4f, -0x1.3dff64p-4f, 0x1.087e5p-6f, 0x1.fcf05ap-9f, 0x1.428aeap-13f, 0x1.d05304p-20f, 0f,
    0x1.2a23e2p-13f, -0x1.55dbaep-4f, 0x1.731462p-5f, 0x1.343454p-10f, -0x1.43ead6p-9f, -0x1.3ec2f6p-13f, -0x1.2a9fcp-19f, 0f,
    -0x1.eec762p-5f, 0x1.21a4eep-5f, -0x1.2af178p-10f, -0x1.61c7e4p-8f, 0x1.ea8782p-11f, 0x1.cecda4p-14f, 0x1.22bf6ep-19f, 0f,
    0x1.14a018p-10f, 0x1.381fb4p-7f, -0x1.1355cep-7f, 0x1.5c30c4p-9f, -0x1.8ea3aep-14f, -0x1.f3ab6ep-15f, -0x1.c6890cp-20f, 0f,
    0x1.2531acp-7f, -0x1.afe1c2p-8f, 0x1.40e07ap-9f, -0x1.b4a074p-13f, -0x1.ff1766p-14f, 0x1.820b02p-16f, 0x1.4019e8p-20f, 0f,
    -0x1.011ac8p-10f, -0x1.dac9bp-12f, 0x1.0d65cep-11f, -0x1.261daep-12f, 0x1.2c829p-14f, -0x1.548f26p-18f, -0x1.3c8794p-21f, 0f,
  };

  /** σ(−z(a)), z(a) = √(8/π)·(a + 0.044715·a³): 7e−8 relative up to a = 3.7, 2e−11 absolute beyond. */
  static final float[] TANH_TAIL = {
    0x1.0p-1f, 0x1.4d092ep-3f, 0x1.90ab2ep-6f, 0x1.764b0ep-10f, 0x1.91e5a4p-16f, 0x1.508fc4p-24f, 0x1.24ce3cp-35f, 0f,
    -0x1.988454p-2f, -0x1.f6dfb8p-3f, -0x1.da0612p-5f, -0x1.438baap-8f, -0x1.edc7e6p-14f, -0x1.1d43a2p-21f, -0x1.4a186ap-32f, 0f,
    0x1.2b3026p-21f, 0x1.ee5654p-4f, 0x1.d062ecp-5f, 0x1.f37cfcp-8f, 0x1.1a2832p-12f, 0x1.cd81p-20f, 0x1.6b1a1ap-30f, 0f,
    0x1.11a788p-4f, 0x1.bd969p-11f, -0x1.bc624ap-6f, -0x1.bbb94cp-8f, -0x1.8a9868p-12f, -0x1.d8b6ep-19f, -0x1.067cfap-28f, 0f,
    0x1.3615a2p-14f, -0x1.4d328cp-6f, 0x1.031748p-8f, 0x1.de2f58p-9f, 0x1.746872p-12f, 0x1.558ffcp-18f, 0x1.0ad8e2p-27f, 0f,
    -0x1.58853cp-7f, 0x1.0c6936p-8f, 0x1.32664p-9f, -0x1.1839a8p-10f, -0x1.ea61bcp-13f, -0x1.6d4e2cp-18f, -0x1.7b1e88p-27f, 0f,
    0x1.7642c8p-11f, 0x1.0c4032p-9f, -0x1.4d5602p-10f, 0x1.0d3e82p-15f, 0x1.b883f2p-14f, 0x1.301586p-18f, 0x1.e7e8bcp-27f, 0f,
    0x1.cdf71cp-12f, -0x1.9f27b8p-11f, 0x1.bb3f04p-14f, 0x1.a39aa8p-14f, -0x1.c0c9f2p-16f, -0x1.a9daap-19f, -0x1.689c7ep-26f, 0f,
    0x1.1cc874p-12f, -0x1.b49958p-14f, 0x1.684752p-14f, -0x1.0e25cp-15f, 0x1.ce6842p-22f, 0x1.8bf302p-20f, 0x1.2254bp-26f, 0f,
  };

  /** σ(−z) − a·z′·σ(z)·σ(−z): 8e−9 absolute. */
  static final float[] TANH_SLOPE = {
    0x1.0p-1f, -0x1.43f616p-4f, -0x1.6e732ep-4f, -0x1.aef2d8p-7f, -0x1.ccf21cp-12f, -0x1.54879p-19f, -0x1.e0775ep-30f, 0f,
    -0x1.988454p-1f, -0x1.039142p-2f, 0x1.b83caap-4f, 0x1.1fe05ep-5f, 0x1.edc576p-10f, 0x1.0a1c6ap-16f, 0x1.01e05cp-26f, 0f,
    0x1.2b4c06p-20f, 0x1.755276p-2f, 0x1.435e48p-7f, -0x1.3014cep-5f, -0x1.dcdbeep-9f, -0x1.8894e8p-15f, -0x1.0bf90ap-24f, 0f,
    0x1.11ac7ep-2f, -0x1.3a0e8ap-4f, -0x1.3cda68p-4f, 0x1.0656c8p-6f, 0x1.0bf746p-8f, 0x1.691ee2p-14f, 0x1.6895f4p-23f, 0f,
    0x1.24f0a8p-13f, -0x1.4dcd56p-4f, 0x1.5e457p-5f, 0x1.422db8p-9f, -0x1.721252p-9f, -0x1.cc1076p-14f, -0x1.5760a4p-22f, 0f,
    -0x1.f9da08p-5f, 0x1.2c369ap-5f, -0x1.0cfbd6p-10f, -0x1.7eafc4p-8f, 0x1.19b48ep-10f, 0x1.a8f99cp-14f, 0x1.d84cd4p-22f, 0f,
    0x1.052ed2p-10f, 0x1.193a5ep-7f, -0x1.dabef6p-8f, 0x1.2ac03ep-9f, -0x1.2e3352p-15f, -0x1.1f6a2ep-14f, -0x1.15099cp-21f, 0f,
    0x1.3792bep-7f, -0x1.d345a6p-8f, 0x1.2d7364p-9f, 0x1.5b325cp-16f, -0x1.90323p-13f, 0x1.0e53c4p-15f, 0x1.4e544ap-21f, 0f,
    -0x1.1d107ep-10f, -0x1.76afdcp-13f, 0x1.d78168p-13f, -0x1.ffc2f8p-13f, 0x1.632cf6p-14f, -0x1.1141cp-17f, -0x1.db8754p-22f, 0f,
  };
  // spotless:on

  private GeluCoefficients8() {}
}
